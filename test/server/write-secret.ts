import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

/** Writes a secret as one would by hand, into a directory of its own; returns the file's path. */
export function writeSecret(secret: string, mode = 0o600): string {
  const path = join(createTemporaryDirectory("hf-secret-"), "secret");
  writeFileSync(path, `${secret}\n`);
  chmodSync(path, mode);
  return path;
}
