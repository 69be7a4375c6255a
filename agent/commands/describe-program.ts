import { Command } from "commander";
import { addAgentCommands } from "./add-agent-commands.ts";
import { addCompletion } from "./add-completion.ts";
import { addDesiredCommands } from "./add-desired-commands.ts";
import type { Finish } from "./command-options.ts";
import { openOutput } from "./output.ts";
import { describeVersion, VERSION } from "./version.ts";

const ITSELF = "Holdfast itself:";

/** Every command with its arguments and flags: what is parsed, and what help, completion and the manual page tell. */
export function describeProgram(signal: AbortSignal, finish: Finish): Command {
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
