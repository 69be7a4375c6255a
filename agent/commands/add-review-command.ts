import { type Command, Option } from "commander";
import { type Finish, type Options, outputOf } from "./command-options.ts";
import type { ReviewRequest } from "./review.ts";

/** `holdfast review`, which a job of a pull request runs. */
export function addReviewCommand(program: Command, signal: AbortSignal, finish: Finish): void {
  const forges = ["github", "gitea", "forgejo", "gitlab"];
  program
    .command("review")
    .description("`plan --base` as a comment and a commit status of a pull request; exits as `plan`")
    .exitOverride()
    .addOption(new Option("--forge <name>", "where the pull request is").choices(forges).makeOptionMandatory())
    .option("--pr <number>", "its number (default: the job's)")
    .option("--repo <owner/name>", "its repository (default: the job's)")
    .option("--url <address>", "the forge's API (default: the job's, or the public one)")
    .option("--base <rev>", "compare with where this and the head parted (default: the pull request's base)")
    .option("--head <rev>", "what is planned (default: the pull request, merged where that is checked out)")
    .option("--host <name>", "one host (default: every host)")
    .option("--directory <dir>", "where the desired state stands (default: the working directory)")
    .option("-c, --config <file>", "an agent.yaml whose policy counts as well")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json", "markdown"]).default("text"))
    .option("--verbose", "with stack traces")
    .action(async (options: Options) => {
      const { review } = await import("./review.ts");
      const { pr: number, repo: repository, url, base, head, host = "all", directory = ".", config } = options;
      const forge = options["forge"] as ReviewRequest["forge"];
      const asked = { forge, number, repository, url, base, head, host, directory, config, environment: process.env };
      finish(await review(asked, outputOf(options), signal));
    });
}
