import { CommanderError } from "commander";
import { isHoldfastError } from "../model/error.ts";
import { describeProgram } from "./describe-program.ts";

const USAGE = 1;

/** Runs a command line and returns the exit code; prints nothing but what the command prints and one line when it fails. */
export async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  let code = 0;
  const program = describeProgram(signal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : USAGE;
    explain(cause, args.includes("--verbose"));
    return 1;
  }
}

/** One readable line and what to do about it; a stack trace only for those who asked. */
function explain(cause: unknown, verbose: boolean): void {
  const lines = isHoldfastError(cause)
    ? [`holdfast: ${cause.message}`, ...(cause.hint === undefined ? [] : [`  ${cause.hint}`])]
    : [`holdfast: ${String(cause)}`];
  if (verbose && cause instanceof Error) lines.push(cause.stack ?? "");
  process.stderr.write(`${lines.join("\n")}\n`);
}
