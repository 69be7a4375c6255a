import { createHmac, type Hmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { equalSecrets } from "./equal-secrets.ts";

/** Where forges put the HMAC-SHA256, in hexadecimal digits; GitHub with `sha256=` before it. Gitea and Forgejo send them all. */
const HEADERS = ["x-hub-signature-256", "x-forgejo-signature", "x-gitea-signature", "x-gogs-signature"] as const;

/** Whether a request carries anything by which it could be told to come from who knows the secret. */
export function isSigned(headers: IncomingHttpHeaders): boolean {
  return typeof headers["x-gitlab-token"] === "string" || readSignatures(headers).length > 0;
}

/** GitLab sends the secret itself. */
export function hasToken(headers: IncomingHttpHeaders, secret: Uint8Array): boolean {
  const token = headers["x-gitlab-token"];
  return typeof token === "string" && equalSecrets(token, secret);
}

/** Whether one of a request's signatures is this HMAC's; the HMAC is used up. How long it takes does not tell how near they are. */
export function hasSignature(headers: IncomingHttpHeaders, hmac: Hmac): boolean {
  const expected = hmac.digest();
  return readSignatures(headers).filter((signature) => timingSafeEqual(signature, expected)).length > 0;
}

/** The HMAC that all forges use, over what was not seen yet. */
export function openHmac(secret: Uint8Array): Hmac {
  return createHmac("sha256", secret);
}

function readSignatures(headers: IncomingHttpHeaders): Buffer[] {
  return HEADERS.flatMap((name) => {
    const [, digits] = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(String(headers[name] ?? "")) ?? [];
    return digits === undefined ? [] : [Buffer.from(digits, "hex")];
  });
}
