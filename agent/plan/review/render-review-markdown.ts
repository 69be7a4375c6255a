import type { HostReview, Review, ReviewedFinding, ServiceReview, StackReview } from "../../model/generated/review.ts";
import { describeChange, describeEffect, listDetails, shortenRevision } from "./list-details.ts";
import { code, fenced, html, words } from "./markdown.ts";

/** What GitHub takes as one comment, less some room for what is put around it. */
export const COMMENT_LIMIT = 65_000;

/** How much is shown: what does not fit is tried again with less. */
interface Amount {
  readonly diffLines: number;
  readonly details: boolean;
  readonly findings: number;
  readonly hosts: number;
}

const ALL = Number.MAX_SAFE_INTEGER;
const AMOUNTS: readonly Amount[] = [
  { diffLines: ALL, details: true, findings: ALL, hosts: ALL },
  { diffLines: 200, details: true, findings: ALL, hosts: ALL },
  { diffLines: 50, details: true, findings: 100, hosts: ALL },
  { diffLines: 0, details: true, findings: 100, hosts: ALL },
  { diffLines: 0, details: false, findings: 100, hosts: ALL },
  { diffLines: 0, details: false, findings: 20, hosts: 100 },
  { diffLines: 0, details: false, findings: 5, hosts: 20 },
];

/**
 * A review as a comment of a pull request: a line per host, what is wrong, and everything else folded. Never longer than `limit`
 * characters: diffs are cut first, then details.
 */
export function renderReviewMarkdown(review: Review, limit = COMMENT_LIMIT): string {
  let text = "";
  for (const [index, amount] of AMOUNTS.entries()) {
    text = render(review, amount, index > 0);
    if (text.length <= limit) return text;
  }
  return `${text.slice(0, text.lastIndexOf("\n", limit - 1))}\n`;
}

function render(review: Review, amount: Amount, isCut: boolean): string {
  const { base, head, hosts, findings } = review;
  const [shown, rest] = [hosts.slice(0, amount.hosts), hosts.length - amount.hosts];
  const command = `holdfast plan --base ${shortenRevision(base)} --head ${shortenRevision(head)} --all-hosts`;
  const blocks = [
    "### What this change does",
    [
      ...shown.map(({ host, summary }) => `- **${words(host)}**: ${words(summary)}`),
      ...(rest > 0 ? [`- and ${rest} more hosts`] : []),
    ].join("\n"),
    ...renderFindings(findings, amount),
    ...(amount.details ? shown.flatMap((host) => renderHost(host, amount)) : []),
    `<sub>${code(shortenRevision(base))} → ${code(shortenRevision(head))}, planned from Git alone: hosts that have drifted differ.${
      isCut ? ` Cut to fit; ${code(command)} shows everything.` : ""
    }</sub>`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function renderFindings(findings: readonly ReviewedFinding[], amount: Amount): string[] {
  const of = (fits: (finding: ReviewedFinding) => boolean): string[] => {
    const list = findings.filter(fits).map(renderFinding);
    const rest = list.length - amount.findings;
    return rest > 0 ? [...list.slice(0, amount.findings), `- and ${rest} more`] : list;
  };
  const isError = ({ severity }: ReviewedFinding): boolean => severity === "error";
  const errors = of(isError);
  const warnings = of((finding) => !isError(finding) && finding.isNew);
  const old = of((finding) => !isError(finding) && !finding.isNew);
  return [
    ...(errors.length > 0 ? ["**Errors**: what they concern is not converged.", errors.join("\n")] : []),
    ...(warnings.length > 0 ? ["**New warnings**", warnings.join("\n")] : []),
    ...(old.length > 0 ? [fold(html(`${old.length} warnings of before`), [old.join("\n")])] : []),
  ];
}

function renderFinding({ path, line, column, message, rule }: ReviewedFinding): string {
  return `- ${code(`${path}:${line}:${column}`)} ${words(message)} (${code(rule)})`;
}

function renderHost(review: HostReview, amount: Amount): string[] {
  const { host, summary, rejected, held, notes, stacks, untouched } = review;
  const lines = [
    ...(rejected === undefined ? [] : [`**Rejected**: ${words(rejected)}`]),
    ...(held === undefined ? [] : [`**Held**: ${words(held)}`]),
    ...notes.map(words),
    ...stacks.flatMap((stack) => renderStack(stack, amount)),
    ...(untouched.length > 0 ? [`Untouched stacks: ${untouched.map(code).join(", ")}`] : []),
  ];
  const isPlain = stacks.length === 0 && rejected === undefined && notes.length === 0;
  return isPlain ? [] : [fold(`<b>${html(host)}</b>: ${html(summary)}`, lines)];
}

function renderStack(stack: StackReview, amount: Amount): string[] {
  const details = listDetails(stack).map(
    ({ title, names, words: text }) => `- ${title}: ${text === undefined ? (names ?? []).map(code).join(", ") : words(text)}`,
  );
  const lines = [...stack.services.map(renderService), ...details];
  return [
    `#### ${code(stack.stack)} ${describeChange(stack)}`,
    ...(lines.length > 0 ? [lines.join("\n")] : []),
    ...renderDiff(stack, amount),
  ];
}

function renderService(service: ServiceReview): string {
  const { causes, interruption } = service;
  const why = causes.map(code).join(", ");
  const away = interruption === undefined ? "" : `\n  - interrupted: ${words(interruption)}`;
  return `- **${words(describeEffect(service))}**${why === "" ? "" : `: ${why}`}${away}`;
}

function renderDiff({ stack, diff }: StackReview, { diffLines }: Amount): string[] {
  if (diff === undefined || diffLines === 0) return [];
  const lines = diff.split("\n");
  const shown = lines.slice(0, diffLines);
  const rest = lines.length - shown.length;
  return [
    fold(`rendered model of ${html(stack)}`, [
      fenced("diff", [...shown, ...(rest > 0 ? [`@@ and ${rest} more lines @@`] : [])].join("\n")).join("\n"),
    ]),
  ];
}

function fold(summary: string, blocks: readonly string[]): string {
  return ["<details>", `<summary>${summary}</summary>`, "", blocks.join("\n\n"), "", "</details>"].join("\n");
}
