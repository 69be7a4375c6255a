import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { SourceTrust } from "./source-options.ts";

/**
 * Identifies who may sign: the text changes with the files' names and contents. Undefined when nobody has to sign. One `stat` per
 * file while it stays as it is.
 */
export function identifySigners({ allowedSigners, gpgKeyring }: SourceTrust): () => Promise<string | undefined> {
  const files = [allowedSigners, gpgKeyring].map((path) =>
    path === undefined ? undefined : { path, read: digestWhenChanged(path) },
  );
  return async () => {
    if (files.every((file) => file === undefined)) return undefined;
    const parts = await Promise.all(files.map(async (file) => (file === undefined ? [] : [file.path, await file.read()])));
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  };
}

/** The digest of a file; of the reason, where it cannot be read: who judges by it says so. */
function digestWhenChanged(path: string): () => Promise<string> {
  let known: { readonly state: string; readonly digest: string } | undefined;
  return async () => {
    try {
      const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      const state = [ino, size, mtimeNs, ctimeNs].join();
      if (known?.state !== state)
        known = {
          state,
          digest: createHash("sha256")
            .update(await readFile(path))
            .digest("hex"),
        };
      return known.digest;
    } catch (error) {
      known = undefined;
      return error instanceof Error && "code" in error ? String(error.code) : "unknown";
    }
  };
}
