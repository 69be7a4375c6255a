import { readFile } from "node:fs/promises";
import { findMergeBase } from "../git/find-merge-base.ts";
import { resolveRevision } from "../git/resolve-revision.ts";
import type { Review } from "../model/generated/review.ts";
import type { Forge, PullRequest } from "../ports/forge.ts";
import { locateDesiredState } from "./locate-desired-state.ts";
import { openPullRequest, type PullRequestFlags } from "./open-pull-request.ts";
import type { Output } from "./output.ts";
import { type CiContext, type Environment, readCiEnvironment } from "./read-ci-environment.ts";
import { makeReview, printReview, REVIEW_EXIT } from "./review-plan.ts";
import { type Audience, tellFailure, tellReview } from "./tell-review.ts";

export interface ReviewRequest extends PullRequestFlags {
  readonly base: string | undefined;
  readonly head: string | undefined;
  /** Directory in a checkout. */
  readonly directory: string;
  readonly host: string | "all";
  /** An agent.yaml whose policy counts as well. */
  readonly config: string | undefined;
  readonly environment: Environment;
}

/**
 * Plans a pull request and tells it there: one comment that is kept up to date, and a commit status. Where the token may not write,
 * as in a fork's pull request, the plan is told by the job alone. Returns the exit code of the plan.
 */
export async function review(request: ReviewRequest, output: Output, signal: AbortSignal): Promise<number> {
  const { environment, directory, host, config } = request;
  const ci = readCiEnvironment(request.forge, environment, await readEvent(environment["GITHUB_EVENT_PATH"]));
  const forge = openPullRequest(request, ci, environment);
  try {
    const { root, path } = await locateDesiredState(directory);
    const asked = await askForCommits(request, ci, forge, signal);
    const audience: Audience = { forge, ci, commit: asked.head, name: nameReview(path, host), output };
    let made: Review;
    try {
      made = await makeReview({ directory, host, config, ...(await locateChange(request, ci, asked, root)) }, signal);
    } catch (cause) {
      // That there is no plan matters more than that this could not be told.
      if (!signal.aborted) await tellFailure(audience, cause, signal).catch(() => undefined);
      throw cause;
    }
    printReview(made, output);
    await tellReview(audience, made, signal);
    return REVIEW_EXIT[made.result];
  } finally {
    await forge.close();
  }
}

/** The commits of the pull request: as the job says, or the forge. */
async function askForCommits(
  { head: given }: ReviewRequest,
  { base, head }: CiContext,
  forge: Forge,
  signal: AbortSignal,
): Promise<PullRequest> {
  if (base !== undefined && head !== undefined) return { base, head };
  const told = await forge.readPullRequest(signal);
  return { base: base ?? told.base, head: head ?? (/^[0-9a-f]{40}$/.test(given ?? "") ? (given ?? "") : told.head) };
}

/** What is compared: never what others have pushed to the base meanwhile, which the change would seem to take back. */
async function locateChange(
  flags: ReviewRequest,
  ci: CiContext,
  asked: PullRequest,
  root: string,
): Promise<{ readonly base: string; readonly head: string }> {
  const checkedOut = await resolveRevision(root, "HEAD");
  // Whoever checks out the proposed commit itself wants that one.
  const merged = flags.base === undefined && flags.head === undefined && checkedOut !== asked.head ? ci.merged : undefined;
  const head = await resolveRevision(root, flags.head ?? merged?.head ?? asked.head);
  const base = await resolveRevision(root, flags.base ?? merged?.base ?? asked.base);
  return { base: await findMergeBase(root, base, head), head };
}

/** One comment and one status for each desired state that a repository has, and for each way of looking at it. */
function nameReview(path: string, host: string | "all"): string {
  const parts = [...(path === "desired-state" || path === "" ? [] : [path]), ...(host === "all" ? [] : [`on ${host}`])];
  return parts.join(" ").replace(/[^\w./ -]|--+/g, "-");
}

async function readEvent(path: string | undefined): Promise<unknown> {
  if (path === undefined || path === "") return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8")) as unknown;
  } catch {
    return undefined;
  }
}
