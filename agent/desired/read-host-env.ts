import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { findExposure } from "../lib/find-exposure.ts";
import { codeOf, openEntry, openInside, openTrusted, splitPath } from "../lib/open-below.ts";
import type { Finding } from "../model/finding.ts";
import { FILE_LIMIT_BYTES } from "./decode-text.ts";

export interface HostEnvFile {
  /** Absent when there is a finding. */
  readonly content?: Uint8Array;
  readonly findings: readonly Finding[];
}

/** Reads a file below `hostEnvDir` that only root (or the agent's own user) can have written and only they can read. */
export async function readHostEnv(hostEnvDir: string, name: string): Promise<HostEnvFile> {
  const path = join(hostEnvDir, name);
  const refuse = (message: string): HostEnvFile => ({
    findings: [{ path, line: 1, column: 1, message, rule: "host-env-file", severity: "error" }],
  });
  const segments = splitPath(name);
  if (!segments) return refuse(`expected a path below ${hostEnvDir} without ..`);
  const open: FileHandle[] = [];
  try {
    let directory = await openTrusted(hostEnvDir);
    open.push(directory);
    for (const segment of segments.slice(0, -1)) {
      directory = await openInside(directory, segment);
      open.push(directory);
    }
    const file = await openEntry(directory, segments.at(-1) ?? "");
    open.push(file);
    const problem = await checkFile(file, path);
    if (problem !== undefined) return refuse(problem);
    return { content: await file.readFile(), findings: [] };
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return refuse(describe(codeOf(error), path, error));
  } finally {
    for (const handle of open) await handle.close();
  }
}

async function checkFile(file: FileHandle, path: string): Promise<string | undefined> {
  const stat = await file.stat();
  if (!stat.isFile()) return "expected a regular file with NAME=value lines";
  const exposure = findExposure(stat, path);
  if (exposure !== undefined) return exposure;
  const { size } = stat;
  if (size > FILE_LIMIT_BYTES) return `the file has ${size} bytes; at most ${FILE_LIMIT_BYTES} (1 MiB) are read`;
  return undefined;
}

function describe(code: string, path: string, error: unknown): string {
  switch (code) {
    case "ENOENT":
      return `the file does not exist on this host; create it, for example with: install -m 600 /dev/null ${path}`;
    case "ELOOP":
    case "ENOTDIR":
      return "the path leads through a symbolic link or a file; put the file itself in this place";
    case "EACCES":
    case "EPERM":
      return "the agent may not read the file; it must be root's, and the agent must run as root";
    default:
      return `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
