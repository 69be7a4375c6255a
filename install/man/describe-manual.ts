import { readFileSync } from "node:fs";
import type { Command, Option } from "commander";
import { flagName, SETTINGS } from "../../agent/commands/read-configuration.ts";

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const COMMON: readonly (readonly [flags: string, about: string])[] = [
  ["-c, --config <file>", "The configuration, if it is not */etc/holdfast/agent.yaml*."],
  ["--verbose", "Errors with stack traces."],
];

/** The manual as Markdown with the headings of ronn: of each command what its help tells, and of each key what its schema does. */
export function describeManual(program: Command): string {
  const commands = program.createHelp().visibleCommands(program);
  return [
    "# holdfast(8) -- keeps this Docker host true to a Git repository",
    "## SYNOPSIS",
    "`holdfast` *command* [*options*] [*arguments*]",
    "## DESCRIPTION",
    "**holdfast run** is the agent: it polls a Git repository, validates the desired state in it, converges the Compose stacks of this host, and reports drift and health. Its unit is **holdfast.service**. The other commands ask the agent, or look at a desired state by themselves.",
    "## COMMANDS",
    ...commands.filter((command) => command.name() !== "help").flatMap(describeCommand),
    "## OPTIONS",
    "Of all commands that concern a host:",
    ...COMMON.map(([flags, about]) => item(`\`${flags}\``, about)),
    "Each key of the configuration is a flag of the commands that concern a host as well, and a variable. A flag wins over a variable, a variable over the file. The items of a list are separated by commas.",
    ...describeSettings(),
    "## ENVIRONMENT",
    item("`HOLDFAST_CONFIG`", "The configuration to read instead of */etc/holdfast/agent.yaml*."),
    item("`NO_COLOR`", "No colours on a terminal."),
    item("`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`", "Proxies of what the agent asks over HTTP."),
    "## FILES",
    item("*/etc/holdfast/agent.yaml*", "The configuration."),
    item("*/var/lib/holdfast/stacks/*", "What is placed of each stack; bind mounts show it."),
    item("*/run/holdfast/holdfast.sock*", "Where the agent answers the commands of this host."),
    "## SEE ALSO",
    "docker(1), docker-compose(1), systemctl(1), journalctl(1)",
    "",
  ].join("\n\n");
}

function describeCommand(command: Command): string[] {
  const shown = command.options.filter((option) => !option.hidden && !isCommon(option));
  return [
    `### holdfast ${command.name()} ${command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`)).join(" ")}`.trimEnd(),
    sentence(command.description()),
    ...shown.map(describeOption),
  ];
}

function describeOption(option: Option): string {
  const choices = option.argChoices === undefined ? "" : `: ${option.argChoices.join(", ")}`;
  return item(`\`${option.flags}\``, sentence(`${option.description}${choices}`));
}

function isCommon(option: Option): boolean {
  return COMMON.some(([flags]) => flags === option.flags) || SETTINGS.some((setting) => `--${flagName(setting)}` === option.long);
}

/** Every key with its flag, in the order of the configuration, and what its schema says of it. */
function describeSettings(): string[] {
  const schema = JSON.parse(readFileSync(new URL("../../schemas/agent.schema.json", import.meta.url), "utf8")) as Schema;
  return SETTINGS.map((setting) => {
    let at: Schema | undefined = schema;
    for (const key of setting) at = at?.properties?.[key];
    return item(`\`--${flagName(setting)}\``, sentence(at?.description ?? `${setting.join(".")} of agent.yaml`));
  });
}

/** A definition: what it is about, and the text below it. */
function item(term: string, text: string): string {
  return `* ${term}:\n  ${text}`;
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
