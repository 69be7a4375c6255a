import type { ObservedContainer } from "../model/observed.ts";

/** Compose creates a successor under a provisional name first: its id before the name that it gets in the end. */
export const PROVISIONAL_NAME = /^[0-9a-f]{12}_/;

/** Successors that Compose never came to start, and that are in the way of the next. */
export function findLeftovers(stack: string, service: string, containers: readonly ObservedContainer[]): ObservedContainer[] {
  const own = containers.filter((item) => item.project === stack && item.service === service && !item.oneOff);
  return own.filter(
    (item) =>
      item.state === "created" &&
      PROVISIONAL_NAME.test(item.name) &&
      own.some((other) => other.id !== item.id && other.number === item.number),
  );
}
