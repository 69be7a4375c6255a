import { withDeadline } from "../lib/with-deadline.ts";
import { holdfastError } from "../model/error.ts";
import { maskSecrets } from "../plan/masking/mask-secrets.ts";
import { hideSecrets } from "../plan/masking/secret-shapes.ts";
import type { Engine } from "../ports.ts";
import type { Memory } from "../reconcile/memory.ts";

const LINES = 60;
const LINE_LENGTH = 400;
const TIMEOUT_MS = 5_000;

/**
 * The last lines of a container of a stack, oldest first, shortened and without the values that the stack is given as secrets or that
 * look like some. Throws for a container that the stack does not have, and what the engine throws.
 */
export async function readContainerLog(
  stack: string,
  container: string,
  { memory, engine }: { readonly memory: Memory; readonly engine: Pick<Engine, "readLog"> },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = memory.observed?.containers.find(({ project, name }) => project === stack && name === container);
  if (found === undefined) {
    throw holdfastError("desired-state-invalid", `stack "${stack}" has no container "${container}"`, { handling: "stalled" });
  }
  const lines = await withDeadline(TIMEOUT_MS, signal, (within) => engine.readLog(found.id, LINES, within));
  if (lines.length === 0) return [];
  const desired = memory.desired?.stacks.find(({ name }) => name === stack);
  const values = [...(desired?.secrets ?? []), ...Object.values(desired?.environment ?? {})];
  const text = hideSecrets(maskSecrets(lines.map(clean).join("\n"), values));
  return text.split("\n").map((line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line));
}

/** Without colours, and without anything else that is no text. */
function clean(line: string): string {
  return line
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\t" ? "  " : ""));
}
