import { parseEnv } from "node:util";
import type { Finding } from "../model/finding.ts";
import { decodeText } from "./decode-text.ts";

export interface EnvNames {
  /** Names that the file defines, in its order. */
  readonly names: readonly string[];
  readonly findings: readonly Finding[];
}

/** The names that a file of NAME=value lines defines; names that steer Compose itself are findings. */
export function readEnvNames(path: string, bytes: Uint8Array): EnvNames {
  const { text, findings } = decodeText(path, bytes);
  if (text === undefined) return { names: [], findings };
  const names = Object.keys(parseEnv(text));
  const reserved = names.filter((name) => /^(COMPOSE|DOCKER)_/.test(name));
  return { names, findings: reserved.map((name) => refuseReserved(path, text, name)) };
}

function refuseReserved(path: string, text: string, name: string): Finding {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(line));
  return {
    path,
    line: Math.max(index, 0) + 1,
    column: Math.max((lines[index] ?? "").indexOf(name), 0) + 1,
    message: `${name}: names that start with COMPOSE_ or DOCKER_ steer Compose itself; choose another`,
    rule: "variable-reserved",
    severity: "error",
  };
}
