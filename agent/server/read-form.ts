import type { IncomingMessage } from "node:http";
import { equalSecrets } from "./equal-secrets.ts";
import type { Session } from "./open-sessions.ts";
import { readBody } from "./read-body.ts";
import { type Answer, plainText } from "./route.ts";

const MOST_BYTES = 8 * 1024;

/**
 * The fields of a form that one of our own pages sent; otherwise what is answered. A browser says which site a form is of, and with a
 * session the form has to carry what only our pages know.
 */
export async function readForm(incoming: IncomingMessage, session?: Session): Promise<URLSearchParams | Answer> {
  if (!isFromHere(incoming)) return plainText(403, "this form is not one of this agent's own pages");
  const type = incoming.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return plainText(415, "expected a form");
  const body = await readBody(incoming, { mostBytes: MOST_BYTES, keepBytes: MOST_BYTES }, () => undefined);
  if (body.tooLarge) return plainText(413, `the form has more than ${MOST_BYTES} bytes`);
  const form = new URLSearchParams(body.content?.toString("utf8") ?? "");
  if (session === undefined || equalSecrets(form.get("form") ?? "", session.formToken)) return form;
  return plainText(403, "this form is of another session: load the page again");
}

/** Whether a browser says that its page came from this very host; the Host header has been checked before. */
function isFromHere({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  if (origin === undefined) return site === "same-origin";
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
