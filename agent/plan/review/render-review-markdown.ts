import type { Review, ReviewedFinding, ServiceReview, StackReview } from "../../model/generated/review.ts";
import { groupHosts, type HostGroup, isQuiet } from "./group-hosts.ts";
import { describeChange, describeEffect, listDetails, shortenRevision } from "./list-details.ts";
import { code, fenced, html, words } from "./markdown.ts";

/** What GitHub takes as one comment, less some room for what is put around it. */
export const COMMENT_LIMIT = 65_000;

/** How much is shown: what does not fit is tried again with less. */
interface Amount {
  readonly diffLines: number;
  readonly details: boolean;
  readonly findings: number;
  readonly groups: number;
}

const ALL = Number.MAX_SAFE_INTEGER;
const AMOUNTS: readonly Amount[] = [
  { diffLines: ALL, details: true, findings: ALL, groups: ALL },
  { diffLines: 200, details: true, findings: ALL, groups: ALL },
  { diffLines: 50, details: true, findings: 100, groups: ALL },
  { diffLines: 0, details: true, findings: 100, groups: ALL },
  { diffLines: 0, details: false, findings: 100, groups: ALL },
  { diffLines: 0, details: false, findings: 20, groups: 100 },
  { diffLines: 0, details: false, findings: 5, groups: 20 },
];

/** A line that names more hosts is not read. */
const MOST_NAMES = 10;

/** What is not shown, counted while the rest is written. */
interface LeftOut {
  diffs: number;
  details: number;
  findings: number;
  hosts: number;
}

/**
 * A review as a comment of a pull request: a line per host, what is wrong, and everything else folded. Never longer than `limit`
 * characters: diffs are cut first, then details, and it says what is left out.
 */
export function renderReviewMarkdown(review: Review, limit = COMMENT_LIMIT): string {
  let text = "";
  for (const amount of AMOUNTS) {
    text = render(review, amount);
    if (text.length <= limit) return text;
  }
  return `${text.slice(0, text.lastIndexOf("\n", limit - 1))}\n`;
}

function render(review: Review, amount: Amount): string {
  const left: LeftOut = { diffs: 0, details: 0, findings: 0, hosts: 0 };
  const groups = groupHosts(review.hosts);
  const shown = groups.slice(0, amount.groups);
  left.hosts = countHosts(groups.slice(amount.groups));
  const told = shown.filter((group) => !isQuiet(group.review));
  if (!amount.details) left.details = countHosts(told);
  const blocks = [
    "### What this change does",
    [...shown.map(renderLine), ...(left.hosts > 0 ? [`- and ${left.hosts} more hosts`] : [])].join("\n"),
    ...renderFindings(review.findings, amount, left),
    ...(amount.details ? told.map((group) => renderGroup(group, amount, left)) : []),
    renderFooter(review, left),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function renderLine({ names, review }: HostGroup): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `**${words(name)}**`);
  return `- ${joinNames(shown, names.length)}: ${words(review.summary)}`;
}

function joinNames(shown: readonly string[], all: number): string {
  return all > shown.length ? `${shown.join(", ")} and ${all - shown.length} more` : shown.join(", ");
}

function renderFooter({ base, head }: Review, left: LeftOut): string {
  const [from, to] = [shortenRevision(base), shortenRevision(head)];
  const parts = [
    ...count(left.diffs, "diff", ""),
    ...count(left.details, "host", "the details of "),
    ...count(left.findings, "finding", ""),
    ...count(left.hosts, "host", ""),
  ];
  const command = `holdfast plan --base ${from} --head ${to} --all-hosts --output json`;
  const cut = parts.length === 0 ? "" : ` Cut to fit, left out: ${parts.join(", ")}; ${code(command)} shows everything.`;
  return `<sub>${code(from)} → ${code(to)}, planned from Git alone: hosts that have drifted differ.${cut}</sub>`;
}

function renderFindings(findings: readonly ReviewedFinding[], amount: Amount, left: LeftOut): string[] {
  const of = (fits: (finding: ReviewedFinding) => boolean): string[] => {
    const list = findings.filter(fits).map(renderFinding);
    const rest = Math.max(0, list.length - amount.findings);
    left.findings += rest;
    return rest > 0 ? [...list.slice(0, amount.findings), `- and ${rest} more`] : list;
  };
  const isError = ({ severity }: ReviewedFinding): boolean => severity === "error";
  const errors = of(isError);
  const warnings = of((finding) => !isError(finding) && finding.isNew);
  const isOld = (finding: ReviewedFinding): boolean => !isError(finding) && !finding.isNew;
  const old = of(isOld);
  const known = findings.filter(isOld).length;
  return [
    ...(errors.length > 0 ? ["**Errors**: what they concern is not converged.", errors.join("\n")] : []),
    ...(warnings.length > 0 ? ["**New warnings**", warnings.join("\n")] : []),
    ...(old.length > 0
      ? [fold(known === 1 ? "1 warning that was there before" : `${known} warnings that were there before`, [old.join("\n")])]
      : []),
  ];
}

function renderFinding({ path, line, column, message, rule }: ReviewedFinding): string {
  return `- ${code(`${path}:${line}:${column}`)} ${words(message)} (${code(rule)})`;
}

function renderGroup({ names, review }: HostGroup, amount: Amount, left: LeftOut): string {
  const { summary, rejected, held, notes, stacks, untouched } = review;
  const lines = [
    ...(names.length > MOST_NAMES ? [`Hosts: ${names.map(code).join(", ")}`] : []),
    ...(rejected === undefined ? [] : [`**Rejected**: ${words(rejected)}`]),
    ...(held === undefined ? [] : [`**Held**: ${words(held)}`]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- note: ${words(note)}`).join("\n")]),
    ...stacks.flatMap((stack) => renderStack(stack, amount, left)),
    ...(untouched.length > 0 ? [`Untouched stacks: ${untouched.map(code).join(", ")}`] : []),
  ];
  const shown = names.slice(0, MOST_NAMES).map((name) => `<b>${html(name)}</b>`);
  // What happens stands above already.
  const changed = stacks.slice(0, MOST_NAMES).map(({ stack }) => html(stack));
  const about = stacks.length === 0 ? html(summary) : joinNames(changed, stacks.length);
  return fold(`${joinNames(shown, names.length)}: ${about}`, lines);
}

function renderStack(stack: StackReview, amount: Amount, left: LeftOut): string[] {
  const details = listDetails(stack).map(
    ({ title, names, words: text }) => `- ${title}: ${text === undefined ? (names ?? []).map(code).join(", ") : words(text)}`,
  );
  const lines = [...stack.services.map(renderService), ...details];
  return [
    `#### ${code(stack.stack)} ${describeChange(stack)}`,
    ...(lines.length > 0 ? [lines.join("\n")] : []),
    ...renderDiff(stack, amount, left),
  ];
}

function renderService(service: ServiceReview): string {
  const { causes, interruption } = service;
  const why = causes.map(code).join(", ");
  const away = interruption === undefined ? "" : `\n  - interrupted: ${words(interruption)}`;
  return `- **${words(describeEffect(service))}**${why === "" ? "" : `: ${why}`}${away}`;
}

function renderDiff({ stack, diff }: StackReview, { diffLines }: Amount, left: LeftOut): string[] {
  if (diff === undefined) return [];
  const lines = diff.split("\n");
  const shown = lines.slice(0, diffLines);
  const rest = lines.length - shown.length;
  if (rest > 0) left.diffs += 1;
  if (shown.length === 0) return [];
  return [
    fold(`rendered model of ${html(stack)}`, [
      fenced("diff", [...shown, ...(rest > 0 ? [`@@ and ${rest} more lines @@`] : [])].join("\n")).join("\n"),
    ]),
  ];
}

function fold(summary: string, blocks: readonly string[]): string {
  return ["<details>", `<summary>${summary}</summary>`, "", blocks.join("\n\n"), "", "</details>"].join("\n");
}

function countHosts(groups: readonly HostGroup[]): number {
  return groups.reduce((sum, { names }) => sum + names.length, 0);
}

function count(number: number, noun: string, before: string): string[] {
  return number === 0 ? [] : [`${before}${number} ${noun}${number === 1 ? "" : "s"}`];
}
