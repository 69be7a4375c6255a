import type { Command } from "commander";
import { add, configure, type Finish, LOCAL, type Options, outputOf, withOutput, withSettings } from "./command-options.ts";
import { history } from "./history.ts";
import { once } from "./once.ts";
import { openLog } from "./open-log.ts";
import { openOutput } from "./output.ts";
import { DEFAULT_CONFIGURATION_FILE } from "./read-configuration.ts";
import { rollback } from "./rollback.ts";
import { run } from "./run.ts";
import { status } from "./status.ts";
import { resume, suspend } from "./suspend.ts";
import { sync } from "./sync.ts";
import { socketOf } from "./wire.ts";

/** The commands that are the agent, or ask it about this host. */
export function addAgentCommands(program: Command, signal: AbortSignal, finish: Finish): void {
  addWork(program, "run", "the agent: reconcile until stopped").action(async (options: Options) => {
    const configuration = await configure(options);
    finish(await run(configuration, openLog(configuration.logLevel, process.stderr.isTTY), signal));
  });

  addWork(program, "once", "one reconciliation; exits 0 converged, 1 failed, 3 invalid desired state").action(
    async (options: Options) => {
      const configuration = await configure(options);
      finish(await once(configuration, openLog(configuration.logLevel, process.stderr.isTTY), signal));
    },
  );

  withOutput(
    withSettings(
      program.command("status").description("this host as a table; exits 0 healthy, 2 not, 1 unreachable").exitOverride(),
    ),
  )
    .option("--fleet", "every host of the fleet, as this host's agent reaches it")
    .action(async (options: Options) => {
      const socket = socketOf(await configure(options, LOCAL));
      if (options["fleet"] === undefined) return finish(await status(socket, outputOf(options)));
      const { statusFleet } = await import("./status-fleet.ts");
      finish(await statusFleet(socket, outputOf(options)));
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
}

/** Whose output is its log. */
function addWork(program: Command, name: string, description: string): Command {
  return withSettings(program.command(name).description(description).exitOverride()).option("--verbose", "with stack traces");
}

function withHold(program: Command, name: string, description: string): Command {
  return withSettings(program.command(name).description(description).exitOverride())
    .option("--all", "the whole host")
    .option("--verbose", "with stack traces");
}

function pick(options: Options, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}
