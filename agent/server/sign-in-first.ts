import type { IncomingMessage } from "node:http";
import type { Answer } from "./route.ts";

/**
 * Leads to the form, and from there back. A link of another site, such as another host's fleet page, comes without the cookie
 * (SameSite=Strict): it is asked for once more by a page of this site, which then has it.
 */
export function redirectToLogin({ method, url = "/", headers }: IncomingMessage): Answer {
  const isFromElsewhere = ["cross-site", "same-site"].includes(String(headers["sec-fetch-site"]));
  if (isFromElsewhere && method === "GET") {
    const body = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>Holdfast</title>';
    return { status: 200, body, type: "text/html; charset=utf-8" };
  }
  return redirect(method === "GET" ? `/login?next=${encodeURIComponent(url)}` : "/login");
}

/** Another page of this site is asked for with a GET. */
export function redirect(location: string, headers: Answer["headers"] = {}): Answer {
  return { status: 303, body: "", headers: { location, ...headers } };
}

/** A path of this site, for a text that may have come from anybody: `//evil.example` and `\evil` are none. */
export function readNext(text: string | null): string {
  if (text === null || !/^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(text)) return "/";
  const { origin, pathname, search } = new URL(text, "http://agent.invalid");
  return origin === "http://agent.invalid" ? `${pathname}${search}`.replace(/^\/[/\\]+/, "/") : "/";
}
