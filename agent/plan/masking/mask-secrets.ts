import type { DesiredFile } from "../../model/desired.ts";
import { maskValues } from "./mask-values.ts";

/** A shorter value stands everywhere; masking it would hide nothing and make the rest unreadable. */
const SHORTEST = 4;

const NAMES =
  "pass(?:word|wd|phrase|code)|requirepass|masterauth|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|authorization";
/** `db_password: x`, `"apiKey": "x"`, `requirepass x`, `Authorization: Bearer x`: everything that follows on the line. */
const ASSIGNMENT = new RegExp(`((?:${NAMES})[\\w.-]*["']?(?:[ \\t]*[:=][ \\t]*|[ \\t]+))\\S.*$`, "gim");
const USER_INFO = /(:\/\/)[^/\s@]+@/g;
const PEM = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?=-----END|$(?![\s\S]))/g;
const CONFIDENTIAL =
  /(?:^|\/)\.?env(?:\.[^/]*)?$|\.(?:env|key|pem|p12|pfx|jks|kdbx)$|htpasswd|passw|secret|credential|token|id_(?:rsa|ecdsa|ed25519)/i;

/** A text without the values that must not be shown, and without what its own words say is a secret. */
export function maskSecrets(text: string, values: readonly string[]): string {
  // A value of several lines is also looked for line by line, since what is around it may be indented.
  const parts = values.flatMap((value) => [value, ...value.split("\n").map((line) => line.trim())]);
  const masked = maskValues(
    text,
    parts.filter((value) => value.length >= SHORTEST),
  );
  return masked.replace(PEM, "$1\n***\n").replace(USER_INFO, "$1***@").replace(ASSIGNMENT, "$1***");
}

/** Whether the content of a file is not shown at all, not even in part. */
export function isConfidential({ path, secret = false }: Pick<DesiredFile, "path" | "secret">): boolean {
  return secret || CONFIDENTIAL.test(path);
}
