import type { Variables } from "../model/desired.ts";
import { holdfastError } from "../model/error.ts";

/**
 * Variables as a text that `docker compose --env-file` reads back literally, whatever the values hold.
 * Throws `desired-state-invalid` for what no environment can carry: other names, NUL, and text that is not Unicode.
 */
export function writeEnvFile(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${checkName(name)}=${quote(name, value)}\n`)
    .join("");
}

function checkName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw refuse(`${JSON.stringify(name)} is not a variable's name`, "Use letters, digits and _, and do not start with a digit.");
}

// Single quotes cannot hold a backslash before a quote, and Compose drops the carriage return of a line end: double quotes
// with everything escaped that Compose expands there can hold every value.
function quote(name: string, value: string): string {
  if (value.includes("\0"))
    throw refuse(`the value of ${name} contains a NUL character`, "An environment cannot carry it; put it in a file.");
  if (!value.isWellFormed()) throw refuse(`the value of ${name} is not valid Unicode`, "Encode it, for example as base64.");
  const escaped = value.replaceAll(/[\\"$\n\r]/g, (char) => (char === "\n" ? "\\n" : char === "\r" ? "\\r" : `\\${char}`));
  return `"${escaped}"`;
}

function refuse(message: string, hint: string): Error {
  return holdfastError("desired-state-invalid", message, { handling: "stalled", hint });
}
