import { parseEnv } from "node:util";
import type { Variables } from "../model/desired.ts";
import { holdfastError } from "../model/error.ts";

/** Variables that an environment file defines, the way `docker compose --env-file` reads it as far as no variable refers to another. */
export function readEnv(content: Uint8Array): Variables {
  return parseEnv(Buffer.from(content).toString("utf8")) as Variables;
}

/** Variables as a text that Compose reads back literally: in double quotes, with what it would interpret escaped. */
export function writeEnv(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quote(name, value)}\n`)
    .join("");
}

function quote(name: string, value: string): string {
  if (value.includes("\0"))
    throw holdfastError("desired-state-invalid", `variable ${name} holds a NUL byte`, { handling: "stalled" });
  const escaped = value
    .replace(/[\\"$]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}
