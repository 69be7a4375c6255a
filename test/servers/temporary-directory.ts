import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directories = new Set<string>();
let handlerInstalled = false;

function removeAll(): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

/** Makes a directory that is gone when the process is, whether or not the test came to its end. */
export function createTemporaryDirectory(prefix = "hf-test-"): string {
  if (!handlerInstalled) process.once("exit", removeAll);
  handlerInstalled = true;
  const directory = mkdtempSync(join(tmpdir(), prefix));
  directories.add(directory);
  return directory;
}

/** Removes it earlier than that. */
export function removeTemporaryDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}
