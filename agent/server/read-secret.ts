import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { findExposure } from "../lib/find-exposure.ts";

/** A secret's bytes, or why there is none, in one line with the remedy and without the secret. */
export type Secret = { readonly value: Buffer } | { readonly problem: string };

const LIMIT_BYTES = 64 * 1024;

/**
 * Reads a file with a token or a secret, without the white space around it; anew for each request, so that it can be replaced at
 * any time. One that others can read is refused, since it is no secret any more.
 */
export async function readSecret(path: string): Promise<Secret> {
  try {
    // What is no file, such as a pipe without a writer, must not hold up the request.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return problem(path, "expected a regular file with the secret");
      const exposure = findExposure(stat, path);
      if (exposure !== undefined) return problem(path, exposure);
      if (stat.size > LIMIT_BYTES) return problem(path, `the file has ${stat.size} bytes; a secret is one line`);
      const value = Buffer.from((await file.readFile("utf8")).trim());
      return value.length === 0 ? problem(path, "the file is empty; write the secret into it") : { value };
    } finally {
      await file.close();
    }
  } catch (cause) {
    return problem(path, describe(cause, path));
  }
}

function problem(path: string, text: string): Secret {
  return { problem: `${path}: ${text}` };
}

function describe(cause: unknown, path: string): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT") return `there is no such file; create it, for example with: install -m 600 /dev/null ${path}`;
  if (code === "EACCES") return "the agent may not read the file; it must be root's, and the agent must run as root";
  return `the file cannot be read (${code === "" ? String(cause) : code})`;
}
