import { appendFile } from "node:fs/promises";
import { oneLine } from "../lib/one-line.ts";
import { isHoldfastError } from "../model/error.ts";
import type { Review } from "../model/generated/review.ts";
import { describeResult } from "../plan/review/describe-result.ts";
import { words } from "../plan/review/markdown.ts";
import { renderReviewMarkdown } from "../plan/review/render-review-markdown.ts";
import type { CommitStatus, Forge } from "../ports/forge.ts";
import type { Output } from "./output.ts";
import { type CiContext, tokenVariables } from "./read-ci-environment.ts";

/** Where a review is told. */
export interface Audience {
  readonly forge: Forge;
  readonly ci: CiContext;
  /** The commit that the status belongs to. */
  readonly commit: string;
  /** Tells reviews of several desired states in one repository apart; "" for the usual one. */
  readonly name: string;
  readonly output: Output;
}

/** Keeps the comment up to date and sets the status; what the token may not do is said, and the plan told by the job instead. */
export async function tellReview(audience: Audience, review: Review, signal: AbortSignal): Promise<void> {
  const state = review.result === "invalid" ? "failure" : "success";
  // Where nothing changes nobody needs a comment; one that is there must not stay with what was so before.
  const create = review.result !== "nothing" || review.findings.some(({ isNew }) => isNew);
  const render = (limit: number): string => renderReviewMarkdown(review, limit);
  const failures: unknown[] = [];
  await comment(audience, { render, create }, signal).catch((cause: unknown) => failures.push(cause));
  await setStatus(audience, state, describeResult(review), signal).catch((cause: unknown) => failures.push(cause));
  if (failures.length > 0) throw failures[0];
}

/** Says on the pull request that there is no plan, so that an older one is not taken for it. */
export async function tellFailure(audience: Audience, cause: unknown, signal: AbortSignal): Promise<void> {
  const [message, hint] = isHoldfastError(cause) ? [cause.message, cause.hint] : [String(cause), undefined];
  const body = `### What this change does\n\n**It could not be planned**: ${words(oneLine(message))}\n${
    hint === undefined ? "" : `\n${words(oneLine(hint))}\n`
  }`;
  await comment(audience, { render: () => body, create: true }, signal);
  await setStatus(audience, "error", `could not be planned: ${oneLine(message)}`, signal);
}

interface Text {
  readonly render: (limit: number) => string;
  readonly create: boolean;
}

async function comment(audience: Audience, { render, create }: Text, signal: AbortSignal): Promise<void> {
  const { forge, ci, name, output } = audience;
  const marker = `<!-- holdfast review${name === "" ? "" : ` of ${name}`} -->`;
  const instead = async (why: string): Promise<void> => {
    const where = await summarize(ci, render);
    output.complain(`holdfast: ${why}; the plan is ${where}`);
  };
  if (ci.token === undefined) return instead(`none of ${tokenVariables(forge.title).join(", ")} is set, so there is no comment`);
  try {
    const { outcome, url } = await forge.writeComment({ marker, render, create }, signal);
    if (outcome !== "none") output.complain(`holdfast: comment ${outcome}${url === undefined ? "" : `: ${url}`}`);
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    await instead(`${cause.message}: this token may not comment`);
  }
}

async function setStatus(
  { forge, ci, commit, name, output }: Audience,
  state: CommitStatus["state"],
  description: string,
  signal: AbortSignal,
): Promise<void> {
  if (ci.token === undefined) return;
  const context = name === "" ? "holdfast" : `holdfast ${name}`;
  const targetUrl = ci.jobUrl === undefined ? {} : { targetUrl: ci.jobUrl };
  try {
    await forge.writeStatus({ commit, state, context, description, ...targetUrl }, signal);
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    output.complain(`holdfast: ${cause.message}: this token may set no commit status; the exit code says the result`);
  }
}

/** The job's own page where it has one; else its output has the plan already. */
async function summarize({ summaryFile }: CiContext, render: (limit: number) => string): Promise<string> {
  if (summaryFile === undefined) return "above";
  await appendFile(summaryFile, `${render(SUMMARY_LIMIT)}\n`);
  return "in the job's summary";
}

/** GitHub takes 1 MiB for a step. */
const SUMMARY_LIMIT = 250_000;

function isRefused(cause: unknown): cause is Error {
  return isHoldfastError(cause) && cause.code === "forge-refused";
}
