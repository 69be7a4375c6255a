import type { Argument, Command, Option } from "commander";

/** What can stand where somebody pressed TAB. */
export interface Words {
  readonly words: readonly { readonly value: string; readonly about: string }[];
  /** Names that only the running agent knows, or paths that only the shell knows, belong here too. */
  readonly also?: "stacks" | "paths";
}

const NOTHING: Words = { words: [] };
const PATHS = /^(file|dir|directory)$/;

/**
 * What can continue a command line, from the same description as its help. `line` holds the words after `holdfast`, the last
 * of them being the one that is typed, which may be empty. Words are whole, and not filtered by what is typed.
 */
export function suggestWords(program: Command, line: readonly string[]): Words {
  // bash takes `--output=json` for three words.
  const before = line.slice(0, -1).filter((word) => word !== "=");
  const typed = line.at(-1) === "=" ? "" : (line.at(-1) ?? "");
  const { command, given, open } = readLine(program, before);
  if (open !== undefined) return valuesOf(open.argChoices, open.long ?? "", nameOfValue(open));
  const [, flag] = /^(--[^=]+)=/.exec(typed) ?? [];
  if (flag !== undefined) return prefix(`${flag}=`, command, flag);
  if (typed.startsWith("-")) {
    const help = command.createHelp();
    return {
      words: help
        .visibleOptions(command)
        .map((option) => ({ value: option.long ?? option.short ?? "", about: option.description })),
    };
  }
  if (command === program) return { words: commandsOf(program) };
  if (command.name() === "help") return given === 0 ? { words: commandsOf(program) } : NOTHING;
  const argument: Argument | undefined = command.registeredArguments[given];
  return argument === undefined ? NOTHING : valuesOf(argument.argChoices, argument.description, argument.name());
}

/** Which command the words before the typed one name, how many arguments they gave it, and a flag that waits for its value. */
function readLine(program: Command, before: readonly string[]): { command: Command; given: number; open?: Option } {
  let command = program;
  let given = 0;
  let open: Option | undefined;
  for (const word of before) {
    if (open !== undefined) open = undefined;
    else if (word.startsWith("-")) open = word.includes("=") ? undefined : waiting(command, word);
    else if (command === program) command = find(program, word) ?? command;
    else given++;
  }
  return { command, given, ...(open === undefined ? {} : { open }) };
}

function find(program: Command, name: string): Command | undefined {
  return program
    .createHelp()
    .visibleCommands(program)
    .find((command) => command.name() === name);
}

function waiting(command: Command, word: string): Option | undefined {
  const option = command.options.find(({ long, short }) => word === long || word === short);
  return option?.required ? option : undefined;
}

function commandsOf(program: Command): Words["words"] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), about: command.description() }));
}

function nameOfValue(option: Option): string {
  return /<(.+)>/.exec(option.flags)?.[1] ?? "";
}

function valuesOf(choices: readonly string[] | undefined, about: string, name: string): Words {
  if (choices !== undefined) return { words: choices.map((value) => ({ value, about })) };
  if (name === "stack") return { words: [], also: "stacks" };
  return PATHS.test(name) ? { words: [], also: "paths" } : NOTHING;
}

function prefix(start: string, command: Command, flag: string): Words {
  const option = waiting(command, flag);
  if (option === undefined) return NOTHING;
  const found = valuesOf(option.argChoices, option.long ?? "", nameOfValue(option));
  return { ...found, words: found.words.map(({ value, about }) => ({ value: `${start}${value}`, about })) };
}
