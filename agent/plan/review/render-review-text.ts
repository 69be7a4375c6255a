import { renderFinding } from "../../model/finding.ts";
import type { HostReview, Review, StackReview } from "../../model/generated/review.ts";
import { describeChange, describeEffect, listDetails, shortenRevision } from "./list-details.ts";

/** A review for a terminal; the diffs are left to Markdown and JSON. */
export function renderReviewText(review: Review): string {
  const { base, head, hosts, findings } = review;
  const lines = [`${shortenRevision(base)} -> ${shortenRevision(head)}`, ...hosts.flatMap(renderHost)];
  if (findings.length > 0) lines.push("findings", ...findings.map((finding) => `  ${renderFinding(finding)}`));
  return `${lines.join("\n")}\n`;
}

function renderHost({ host, summary, rejected, held, notes, stacks }: HostReview): string[] {
  return [
    `${host}: ${summary}`,
    ...(rejected === undefined ? [] : [`  rejected: ${rejected}`]),
    ...(held === undefined ? [] : [`  held: ${held}`]),
    ...notes.map((note) => `  note: ${note}`),
    ...stacks.flatMap(renderStack),
  ];
}

function renderStack(stack: StackReview): string[] {
  const details = listDetails(stack).map(({ title, names, words }) => `    ${title}: ${words ?? names?.join(", ") ?? ""}`);
  const services = stack.services.flatMap((service) => [
    `    ${describeEffect(service)}: ${service.causes.join(", ")}`,
    ...(service.interruption === undefined ? [] : [`      interrupted: ${service.interruption}`]),
  ]);
  return [`  ${stack.stack} (${describeChange(stack)})`, ...services, ...details];
}
