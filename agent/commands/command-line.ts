import { Command, CommanderError, Option } from "commander";
import { openDocuments } from "../desired/open-documents.ts";
import { suggestName } from "../desired/suggest-name.ts";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import { history } from "./history.ts";
import { init } from "./init.ts";
import { once } from "./once.ts";
import { openLog } from "./open-log.ts";
import { type Format, type Output, openOutput } from "./output.ts";
import { plan } from "./plan.ts";
import {
  type Configuration,
  DEFAULT_CONFIGURATION_FILE,
  flagName,
  nameThisHost,
  readConfiguration,
  SETTINGS,
} from "./read-configuration.ts";
import { render } from "./render.ts";
import { rollback } from "./rollback.ts";
import { run } from "./run.ts";
import { status } from "./status.ts";
import { resume, suspend } from "./suspend.ts";
import { sync } from "./sync.ts";
import { validate } from "./validate.ts";
import { describeVersion, VERSION } from "./version.ts";
import { socketOf, wireRender } from "./wire.ts";

const USAGE = 1;

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

type Finish = (code: number) => void;

function describe(signal: AbortSignal, finish: Finish): Command {
  const program = new Command("holdfast");
  program
    .description("Keeps this Docker host true to a Git repository.")
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand(true)
    .showSuggestionAfterError(true)
    .exitOverride();

  add(program, "run", "the agent: reconcile until stopped")
    .addHelpText("after", "\nEvery key of agent.yaml is also a flag (--repository-url) and a variable (HOLDFAST_REPOSITORY_URL).")
    .action(async (options: Options) => {
      const configuration = await configure(options);
      await run(configuration, openLog(configuration.logLevel, process.stderr.isTTY), signal);
    });

  add(program, "once", "one reconciliation; exits 0 converged, 1 failed, 3 invalid desired state").action(
    async (options: Options) => {
      const configuration = await configure(options);
      finish(await once(configuration, openLog(configuration.logLevel, process.stderr.isTTY), signal));
    },
  );

  withSettings(
    program
      .command("plan")
      .description("what `once` would do now, or with --base what a change does; exits 0 nothing, 2 changes, 1 error, 3 invalid")
      .exitOverride(),
  )
    .option("--base <rev>", "from Git alone: the commit, branch or tag that is assumed to run")
    .option("--head <rev>", "the commit, branch or tag that is planned; `.` for what is not committed (default: HEAD)")
    .option("--all-hosts", "every host, not only this one or --host")
    .option("--directory <dir>", "where the desired state stands, with --base (default: the working directory)")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json", "markdown"]).default("text"))
    .option("--verbose", "with stack traces")
    .action(async (options: Options) => {
      finish(await planFor(options, signal));
    });

  withOutput(
    program
      .command("validate [directory]")
      .description("check a desired state for every host; exits 0 valid, 3 not")
      .exitOverride(),
  ).action(async (directory: string | undefined, options: Options) => {
    finish(await validate(directory ?? ".", outputOf(options), signal));
  });

  withOutput(
    withSettings(
      program.command("status").description("this host as a table; exits 0 healthy, 2 not, 1 unreachable").exitOverride(),
    ),
  ).action(async (options: Options) => {
    finish(await status(socketOf(await configure(options, LOCAL)), outputOf(options)));
  });

  add(program, "doctor", "preflight of this host and its configuration; exits 0 nothing is wrong, 1 something is").action(
    async (options: Options) => {
      // The agent has no use for it, and would keep it in memory.
      const { doctor } = await import("./doctor.ts");
      const file = options["config"] ?? (process.env["HOLDFAST_CONFIG"] || DEFAULT_CONFIGURATION_FILE);
      finish(await doctor({ file, read: (needs) => configure(options, needs) }, outputOf(options), signal));
    },
  );
  add(program, "sync [stack]", "reconcile now, and try again what was given up; exits as `once`")
    .option("--follow", "print steps as they are taken")
    .option("--allow-removal", "confirm that what left the repository is removed, however much it is")
    .action(async (stack: string | undefined, options: Options) => {
      const [follow, allowRemoval] = [options["follow"] !== undefined, options["allowRemoval"] !== undefined];
      finish(await sync(await configure(options, LOCAL), { stack, follow, allowRemoval }, outputOf(options)));
    });

  withSettings(
    program.command("rollback <stack>").description("back to a revision that verified, until the stack changes").exitOverride(),
  )
    .option("--to <revision>", "which one (default: the one that verified before)")
    .action(async (stack: string, options: Options) => {
      finish(await rollback(await configure(options, LOCAL), stack, options["to"], openOutput("text")));
    });

  withHold(program, "suspend [stack]", "a hold: observe, report and change nothing")
    .option("--for <duration>", "when it ends by itself: 30m, 2h, 1d (default: with `holdfast resume`)")
    .option("--reason <text>", "why, for whoever looks")
    .action(async (stack: string | undefined, options: Options) => {
      const asked = pick(options, ["for", "reason"]);
      finish(
        await suspend(await configure(options, LOCAL), { stack, all: options["all"] !== undefined }, asked, openOutput("text")),
      );
    });

  withHold(program, "resume [stack]", "end a hold").action(async (stack: string | undefined, options: Options) => {
    finish(await resume(await configure(options, LOCAL), { stack, all: options["all"] !== undefined }, openOutput("text")));
  });

  withOutput(
    withSettings(program.command("history [stack]").description("what happened, when, and why; newest last").exitOverride()),
    ["text", "json", "markdown"],
  )
    .option("-n, --limit <number>", "how many entries (default: 30)")
    .action(async (stack: string | undefined, options: Options) => {
      finish(await history(await configure(options, LOCAL), { stack, limit: options["limit"] }, outputOf(options)));
    });

  withOutput(
    withSettings(
      program.command("render <stack>").description("the Compose model as it is converged, secrets masked").exitOverride(),
    ),
  )
    .option("--directory <dir>", "a working tree instead of the configured repository")
    .action(async (stack: string, options: Options) => {
      const configuration = await configure(options, { needsRepository: options["directory"] === undefined });
      finish(
        await wireRender(
          configuration,
          options["directory"],
          (request, ports) => render({ ...request, stack }, ports, outputOf(options), signal),
          signal,
        ),
      );
    });

  program
    .command("init <directory>")
    .description("a new desired state that validates")
    .exitOverride()
    .action(async (directory: string) => init(directory, openOutput("text")));

  program
    .command("version")
    .description("print the version, and what it was made from")
    .exitOverride()
    .action(() => openOutput("text").print(describeVersion()));
  return program;
}

type Options = Readonly<Record<string, string | undefined>>;

/** For what is asked of the agent, or of what it left. */
const LOCAL = { needsRepository: false } as const;

function withHold(program: Command, name: string, description: string): Command {
  return withSettings(program.command(name).description(description).exitOverride())
    .option("--all", "the whole host")
    .option("--verbose", "with stack traces");
}

function pick(options: Options, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

async function planFor(options: Options, signal: AbortSignal): Promise<number> {
  const { base, head = "HEAD", allHosts, directory = ".", host } = options;
  const output = outputOf(options);
  if (base === undefined) {
    const named = ["head", "allHosts", "directory"].find((name) => options[name] !== undefined);
    if (named === undefined && output.format !== "markdown") return plan(await configure(options), output, signal);
    const about = named === undefined ? "--output markdown" : `--${named === "allHosts" ? "all-hosts" : named}`;
    throw holdfastError("configuration-invalid", `${about} needs --base`, {
      handling: "stalled",
      hint: "--base main --head HEAD",
    });
  }
  const { reviewPlan } = await import("./review-plan.ts");
  const own = allHosts ? "all" : (host ?? (process.env["HOLDFAST_HOST"] || nameThisHost()));
  return reviewPlan({ directory, base, head, host: own }, output, signal);
}

function add(program: Command, name: string, description: string): Command {
  return withOutput(withSettings(program.command(name).description(description).exitOverride()));
}

function withSettings(command: Command): Command {
  command.configureOutput({ outputError: (text, write) => write(suggestFlag(text)) });
  command.option("-c, --config <file>", `configuration (default: ${DEFAULT_CONFIGURATION_FILE})`);
  for (const setting of SETTINGS)
    command.addOption(
      new Option(`--${flagName(setting)} <value>`, `${setting.join(".")} of agent.yaml`).hideHelp(setting.length > 1),
    );
  return command;
}

/** The flags of single settings are left out of the help, and Commander only suggests what stands there. */
function suggestFlag(text: string): string {
  const [, flag] = /^error: unknown option '--([^'=]+)'\n$/.exec(text) ?? [];
  if (flag === undefined) return text;
  const suggestion = suggestName(flag, SETTINGS.map(flagName));
  const [, name] = /^did you mean "(.+)"\?$/.exec(suggestion) ?? [];
  return name === undefined ? text : `${text}(Did you mean --${name}?)\n`;
}

function withOutput(command: Command, formats: readonly Format[] = ["text", "json"]): Command {
  return command
    .addOption(new Option("-o, --output <format>", "how to print").choices(formats).default("text"))
    .option("--verbose", "with stack traces");
}

function outputOf(options: Options): Output {
  return openOutput((options["output"] ?? "text") as Format);
}

async function configure(options: Options, { needsRepository = true } = {}): Promise<Configuration> {
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

/** One readable line and what to do about it; a stack trace only for those who asked. */
function explain(cause: unknown, verbose: boolean): void {
  const lines = isHoldfastError(cause)
    ? [`holdfast: ${cause.message}`, ...(cause.hint === undefined ? [] : [`  ${cause.hint}`])]
    : [`holdfast: ${String(cause)}`];
  if (verbose && cause instanceof Error) lines.push(cause.stack ?? "");
  process.stderr.write(`${lines.join("\n")}\n`);
}
