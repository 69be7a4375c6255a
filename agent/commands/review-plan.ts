import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCompose } from "../compose/open-compose.ts";
import { openDocuments } from "../desired/open-documents.ts";
import { openDirectory, WORKING_TREE } from "../git/open-directory.ts";
import { openSource } from "../git/open-source.ts";
import { resolveRevision } from "../git/resolve-revision.ts";
import type { Review } from "../model/generated/review.ts";
import type { Policy } from "../model/policy.ts";
import { renderReviewMarkdown } from "../plan/review/render-review-markdown.ts";
import { renderReviewText } from "../plan/review/render-review-text.ts";
import { showReview } from "../plan/review/show-review.ts";
import type { Compose } from "../ports.ts";
import { rememberReads } from "../reconcile/desire/remember-reads.ts";
import { openRenderShare } from "../reconcile/desire/share-renders.ts";
import { type ReviewSide, reviewChange } from "../reconcile/review-change.ts";
import { locateDesiredState } from "./locate-desired-state.ts";
import type { Output } from "./output.ts";
import { readConfiguration } from "./read-configuration.ts";
import { systemClock } from "./system-clock.ts";
import { wireCheck } from "./wire.ts";

export interface ReviewPlanRequest {
  /** Directory in a checkout. */
  readonly directory: string;
  /** What is assumed to run: a commit, branch or tag. */
  readonly base: string;
  /** What is planned; `.` for what is not committed. */
  readonly head: string;
  readonly host: string | "all";
  /** An agent.yaml whose policy counts as well; without it only that of the repository does. */
  readonly config?: string | undefined;
}

/** What a change would do on its hosts, from the repository alone. Returns the exit code: 0 nothing, 2 changes, 3 invalid. */
export async function reviewPlan(request: ReviewPlanRequest, output: Output, signal: AbortSignal): Promise<number> {
  const review = await makeReview(request, signal);
  printReview(review, output);
  return REVIEW_EXIT[review.result];
}

/** Exit codes are those of `plan`. */
export const REVIEW_EXIT: Readonly<Record<Review["result"], number>> = { nothing: 0, changes: 2, invalid: 3 };

/** Prints a review in the format that was asked for. */
export function printReview(review: Review, output: Output): void {
  if (output.format === "json") output.print(JSON.stringify(review, undefined, 2));
  else output.print((output.format === "markdown" ? renderReviewMarkdown(review) : renderReviewText(review)).trimEnd());
}

/** The effect of a change, from the repository around a directory. */
export async function makeReview(
  { directory, base, head, host, config }: ReviewPlanRequest,
  signal: AbortSignal,
): Promise<Review> {
  const policy = config === undefined ? undefined : await readPolicy(config);
  const { root, path } = await locateDesiredState(directory);
  const scratch = await mkdtemp(join(tmpdir(), "holdfast-review-"));
  try {
    const shareRender = openRenderShare();
    const compose = rememberVersion(openCompose({ socket: "/var/run/docker.sock" }));
    const side = async (name: string, runtimeDir: string): Promise<ReviewSide> => {
      const revision = name === "." ? WORKING_TREE : await resolveRevision(root, name);
      const source = name === "." ? openDirectory(root) : openSource({ url: root, branch: "main", gitDirectory: "" });
      await source.fetch({ revision, ref: "" }, signal);
      const ports = wireCheck(source, join(scratch, runtimeDir), policy);
      return { revision, ports: { ...ports, ...rememberReads(source, ports.documents), compose, shareRender } };
    };
    const sides = { base: await side(base, "base"), head: await side(head, "head") };
    return showReview(await reviewChange({ ...sides, path, host, nowMs: systemClock.nowMs() }, signal));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** It is asked for each stack of each host, and no other is installed meanwhile. */
function rememberVersion(compose: Compose): Compose {
  let version: Promise<string> | undefined;
  return {
    ...compose,
    version(signal) {
      version ??= compose.version(signal);
      return version;
    },
  };
}

/** The policy of a host's own configuration; nothing else of it concerns a change. */
async function readPolicy(file: string): Promise<Policy | undefined> {
  const sources = { documents: openDocuments(), file, environment: {}, flags: {}, needsRepository: false };
  return (await readConfiguration(sources)).policy;
}
