import type { DesiredStack } from "../../model/desired.ts";
import { maskValues } from "./mask-values.ts";
import { hideSecrets } from "./secret-shapes.ts";

type Secretive = Pick<DesiredStack, "secrets" | "environment">;

/** A shorter value stands everywhere; masking it would hide nothing and make the rest unreadable. */
const SHORTEST = 4;
/** Values that files of secrets hold too, and that say nothing to anybody. */
const HARMLESS = /^(true|false|null|none|auto|info|warn|warning|debug|error|trace)$/i;

const LINES_SHOWN = 20;
const LENGTH_SHOWN = 300;

/** A text without the values that a stack keeps secret, also as programs spell them: quoted, in an address, or in base 64. */
export function maskStack(text: string, { secrets = [], environment }: Secretive): string {
  const values = [...new Set([...secrets, ...Object.values(environment)])];
  return maskValues(text, [...new Set(values.flatMap(listSpellings))]);
}

/**
 * The last lines that a program wrote, each cut where it is too long: without the stack's secrets, without what looks like one, and
 * without what would steer a terminal.
 */
export function maskOutput(text: string, stack: Secretive): string[] {
  // First masked, or a cut would leave the beginning of a secret.
  const lines = hideSecrets(maskStack(text, stack)).split(/\r?\n|\r/);
  return lines
    .map(removeControls)
    .filter((line) => line.trim() !== "")
    .slice(-LINES_SHOWN)
    .map((line) => (line.length > LENGTH_SHOWN ? `${line.slice(0, LENGTH_SHOWN - 1)}…` : line));
}

function listSpellings(value: string): string[] {
  const whole = value.trim();
  // Of a value of several lines each one is looked for, since what is around it may be indented, or cut.
  const lines = whole.split(/\r?\n/).map((line) => line.trim());
  const parts = [value, whole, ...(lines.length > 1 ? lines : [])].filter(isTelling);
  return isTelling(whole) ? [...parts, ...parts.flatMap(quote), ...encode(whole)] : parts;
}

function isTelling(value: string): boolean {
  return value.length >= SHORTEST && !HARMLESS.test(value);
}

function quote(value: string): string[] {
  const inAddress = encodeURIComponent(value.toWellFormed());
  return [
    JSON.stringify(value).slice(1, -1),
    inAddress,
    inAddress.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    inAddress.replaceAll("%20", "+"),
  ];
}

function encode(value: string): string[] {
  const bytes = Buffer.from(value);
  // What follows the value, a line break often, changes the last characters only.
  const length = Math.floor(bytes.length / 3) * 4;
  return [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")].flatMap((text, index) =>
    index < 2 && length >= SHORTEST * 2 ? [text, text.slice(0, length)] : [text],
  );
}

function removeControls(line: string): string {
  return line.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
