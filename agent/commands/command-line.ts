import { Command, CommanderError } from "commander";
import { isHoldfastError } from "../model/error.ts";
import { addAgentCommands } from "./add-agent-commands.ts";
import { addCompletion } from "./add-completion.ts";
import { addDesiredCommands } from "./add-desired-commands.ts";
import type { Finish } from "./command-options.ts";
import { openOutput } from "./output.ts";
import { describeVersion, VERSION } from "./version.ts";

const USAGE = 1;
const ITSELF = "Holdfast itself:";

/** Runs a command line and returns the exit code; prints nothing but what the command prints and one line when it fails. */
export async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  let code = 0;
  const program = describe(signal, (result) => {
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

function describe(signal: AbortSignal, finish: Finish): Command {
  const program = new Command("holdfast");
  program
    .description("Keeps this Docker host true to a Git repository.")
    .version(VERSION, "-V, --version", "print the version")
    .showSuggestionAfterError(true)
    .exitOverride();

  program.commandsGroup("This host:");
  addAgentCommands(program, signal, finish);
  program.commandsGroup("A desired state:");
  addDesiredCommands(program, signal, finish);
  program.commandsGroup(ITSELF);
  program.addHelpCommand(
    new Command("help").argument("[command]").description("help for a command").helpOption(false).helpGroup(ITSELF),
  );
  program
    .command("version")
    .description("print the version, and what it was made from")
    .exitOverride()
    .action(() => openOutput("text").print(describeVersion()));
  addCompletion(program);
  return program;
}

/** One readable line and what to do about it; a stack trace only for those who asked. */
function explain(cause: unknown, verbose: boolean): void {
  const lines = isHoldfastError(cause)
    ? [`holdfast: ${cause.message}`, ...(cause.hint === undefined ? [] : [`  ${cause.hint}`])]
    : [`holdfast: ${String(cause)}`];
  if (verbose && cause instanceof Error) lines.push(cause.stack ?? "");
  process.stderr.write(`${lines.join("\n")}\n`);
}
