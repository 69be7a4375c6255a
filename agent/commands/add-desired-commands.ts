import { type Command, Option } from "commander";
import { holdfastError } from "../model/error.ts";
import { addReviewCommand } from "./add-review-command.ts";
import { configure, type Finish, type Options, outputOf, withOutput, withSettings } from "./command-options.ts";
import { init } from "./init.ts";
import { openOutput } from "./output.ts";
import { plan } from "./plan.ts";
import { nameThisHost } from "./read-configuration.ts";
import { render } from "./render.ts";
import { validate } from "./validate.ts";
import { wireRender } from "./wire.ts";

/** The commands that concern a desired state, whether or not an agent runs. */
export function addDesiredCommands(program: Command, signal: AbortSignal, finish: Finish): void {
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

  addReviewCommand(program, signal, finish);

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

  withSettings(
    program
      .command("import [project...]")
      .description("write a desired state for the Compose projects that run here; touches none of them")
      .exitOverride(),
  )
    .option("--adopt", "have them taken over, their containers made anew once, when it is pushed")
    .option("--directory <dir>", "where the desired state stands or shall stand (default: the working directory)")
    .option("--verbose", "with stack traces")
    .action(async (projects: readonly string[], options: Options) => {
      const { importProjects } = await import("./import.ts");
      const { directory = ".", adopt } = options;
      const request = { projects, directory, adopt: adopt !== undefined };
      finish(await importProjects(await configure(options, { needsRepository: false }), request, openOutput("text"), signal));
    });

  program
    .command("init <directory>")
    .description("a new desired state that validates")
    .exitOverride()
    .action(async (directory: string) => init(directory, openOutput("text")));
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
  return reviewPlan({ directory, base, head, host: own, config: options["config"] }, output, signal);
}
