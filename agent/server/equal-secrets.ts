import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two secrets are the same; how long it takes tells nothing of them, not even how long they are. */
export function equalSecrets(given: string | Uint8Array, expected: string | Uint8Array): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(secret: string | Uint8Array): Buffer {
  return createHash("sha256").update(secret).digest();
}
