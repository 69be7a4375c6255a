import type { StackReview } from "../../model/generated/review.ts";
import type { Effect } from "./describe-service.ts";
import { subtractPorts } from "./subtract-ports.ts";

const WORDS: readonly (readonly [Effect, string])[] = [
  ["create", "created"],
  ["recreate", "recreated"],
  ["restart", "restarted"],
  ["start", "started"],
  ["signal", "signalled"],
  ["scale", "scaled"],
  ["remove", "removed"],
];

/** A line that names more is not read. */
const MOST_NAMES = 6;

/** What happens on a host in one line; `held`: why it does not happen. */
export function summarizeHost(stacks: readonly StackReview[], held: string | undefined): string {
  if (stacks.length === 0) return "nothing changes";
  const services = stacks.flatMap((stack) => stack.services);
  const counts = WORDS.flatMap(([effect, word]) => {
    const number = services.filter((service) => service.effect === effect).length;
    return number === 0 ? [] : [[number, word] as const];
  });
  const effects = counts.map(([number, word], index) =>
    index === 0 ? `${count(number, "service")} ${word}` : `${number} ${word}`,
  );
  const isRemoved = (stack: StackReview): boolean => stack.change === "removed";
  const [opened, closed] = [stacks.flatMap(({ portsOpened }) => portsOpened), stacks.flatMap(({ portsClosed }) => portsClosed)];
  const told = [
    ...(effects.length > 0 ? [effects.join(", ")] : []),
    ...countStacks(stacks.filter(isRemoved), "removed"),
    ...countStacks(
      stacks.filter((stack) => stack.change === "invalid"),
      "invalid",
    ),
    ...countStacks(
      stacks.filter((stack) => stack.change === "unknown"),
      "depending on files of the host",
    ),
    ...countInterrupted(stacks),
    ...ports(subtractPorts(opened, closed), "opened"),
    ...ports(subtractPorts(closed, opened), "closed"),
  ];
  const text = told.length > 0 ? told.join("; ") : describeQuiet(stacks);
  return held === undefined ? text : `held, since ${held}; otherwise: ${text}`;
}

function describeQuiet(stacks: readonly StackReview[]): string {
  const [reason] = stacks.flatMap((stack) => stack.held ?? []);
  if (reason !== undefined) return `held: ${reason}`;
  const files = stacks.flatMap(({ filesPlaced, filesRemoved }) => [...filesPlaced, ...filesRemoved]).length;
  return files > 0 ? `${count(files, "file")} changed; no container is touched` : "only settings; no container is touched";
}

function countStacks(stacks: readonly StackReview[], word: string): string[] {
  return stacks.length === 0 ? [] : [`${count(stacks.length, "stack")} ${word} (${list(stacks.map(({ stack }) => stack))})`];
}

function countInterrupted(stacks: readonly StackReview[]): string[] {
  const names = stacks.flatMap(({ stack, services }) =>
    services.filter(({ interruption }) => interruption !== undefined).map(({ service }) => `${stack}/${service}`),
  );
  return names.length === 0 ? [] : [`interrupted: ${list(names)}`];
}

function list(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return rest > 1 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${rest} more` : names.join(", ");
}

function ports(list: readonly string[], word: string): string[] {
  return list.length === 0 ? [] : [`${count(list.length, "port")} ${word}`];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
