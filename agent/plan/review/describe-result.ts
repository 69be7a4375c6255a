import type { HostReview, Review } from "../../model/generated/review.ts";

/** A review in one short line, the most important first: for where nothing else fits. */
export function describeResult({ hosts, findings, result }: Review): string {
  const errors = findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first !== undefined) {
    const more = errors.length > 1 ? `${errors.length} errors, the first: ` : "";
    return `${more}${first.path}:${first.line}: ${first.message}`;
  }
  const rejecting = hosts.filter(({ rejected }) => rejected !== undefined);
  if (result === "invalid") return `rejected on ${list(rejecting)}`;
  const changed = hosts.filter(({ stacks, leaves }) => stacks.length > 0 || leaves);
  const [only] = changed;
  if (only === undefined) return hosts.length === 1 ? "nothing changes" : `nothing changes on ${hosts.length} hosts`;
  if (changed.length === 1) return `${only.host}: ${only.summary}`;
  const held = changed.filter((host) => host.held !== undefined);
  const isHeld = held.length === 0 ? "" : `held on ${list(held)}; `;
  const services = changed.flatMap(({ stacks }) => stacks.flatMap((stack) => stack.services));
  const stacks = new Set(changed.flatMap((host) => host.stacks.map(({ stack }) => stack)));
  return `${isHeld}${changed.length} of ${hosts.length} hosts, ${count(stacks.size, "stack")}, ${count(services.length, "service")} touched`;
}

const MOST_NAMES = 3;

function list(hosts: readonly HostReview[]): string {
  const names = hosts.map(({ host }) => host);
  const rest = names.length - MOST_NAMES;
  return rest > 1 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${rest} more` : names.join(", ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
