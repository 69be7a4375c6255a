import type { Answer } from "./route.ts";

/** A page may load its own style and script from here, ask for itself, and send its forms here; nothing else from anywhere. */
const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'",
  // The origin of a form is what tells that it is one of ours; other sites are told nothing either way.
  "referrer-policy": "same-origin",
};

/** A page. */
export function htmlAnswer(status: number, body: string): Answer {
  return { status, body, type: "text/html; charset=utf-8", headers: PAGE_HEADERS };
}
