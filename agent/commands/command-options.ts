import { type Command, Option } from "commander";
import { openDocuments } from "../desired/open-documents.ts";
import { suggestName } from "../desired/suggest-name.ts";
import { type Format, type Output, openOutput } from "./output.ts";
import { type Configuration, DEFAULT_CONFIGURATION_FILE, flagName, readConfiguration, SETTINGS } from "./read-configuration.ts";

/** Takes the exit code of a command. */
export type Finish = (code: number) => void;

/** What Commander read, by the name of the flag in camelCase. */
export type Options = Readonly<Record<string, string | undefined>>;

/** For what is asked of the agent, or of what it left. */
export const LOCAL = { needsRepository: false } as const;

const ANY_SETTING = "\nEvery key of agent.yaml is also a flag (--repository-url) and a variable (HOLDFAST_REPOSITORY_URL).";

/** A command that takes the configuration and prints in a format. */
export function add(program: Command, name: string, description: string): Command {
  return withOutput(withSettings(program.command(name).description(description).exitOverride()));
}

/** Adds `--config` and a flag for each key of agent.yaml. */
export function withSettings(command: Command): Command {
  command.configureOutput({ outputError: (text, write) => write(suggestFlag(text)) });
  command.option("-c, --config <file>", `configuration (default: ${DEFAULT_CONFIGURATION_FILE})`);
  for (const setting of SETTINGS)
    command.addOption(new Option(`--${flagName(setting)} <value>`, `${setting.join(".")} of agent.yaml`).hideHelp());
  return command.addHelpText("after", ANY_SETTING);
}

/** The flags of single settings are left out of the help, and Commander only suggests what stands there. */
function suggestFlag(text: string): string {
  const [, flag] = /^error: unknown option '--([^'=]+)'\n$/.exec(text) ?? [];
  if (flag === undefined) return text;
  const suggestion = suggestName(flag, SETTINGS.map(flagName));
  const [, name] = /^did you mean "(.+)"\?$/.exec(suggestion) ?? [];
  return name === undefined ? text : `${text}(Did you mean --${name}?)\n`;
}

/** Adds `--output` and `--verbose`. */
export function withOutput(command: Command, formats: readonly Format[] = ["text", "json"]): Command {
  return command
    .addOption(new Option("-o, --output <format>", "how to print").choices(formats).default("text"))
    .option("--verbose", "with stack traces");
}

/** Where and how the command prints. */
export function outputOf(options: Options): Output {
  return openOutput((options["output"] ?? "text") as Format);
}

/** The configuration of file, environment and flags; throws what is wrong with it. */
export async function configure(options: Options, { needsRepository = true } = {}): Promise<Configuration> {
  const flags = SETTINGS.flatMap((setting): [string, string][] => {
    const value = options[flagName(setting).replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase())];
    return value === undefined ? [] : [[flagName(setting), value]];
  });
  const file = options["config"];
  return readConfiguration({
    documents: openDocuments(),
    ...(file === undefined ? {} : { file }),
    environment: process.env,
    flags: Object.fromEntries(flags),
    needsRepository,
  });
}
