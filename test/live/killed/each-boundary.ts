import { it } from "node:test";
import type { Order } from "./wire-killing.ts";

/** A call, and at which of its moments the agent is killed. */
export type Boundary = readonly [call: string, ...when: Order["when"][]];

/** Runs a test once for each boundary; each has a round of its own, so that it brings a change. */
export function eachBoundary(boundaries: readonly Boundary[], test: (order: Order, round: string) => Promise<void>): void {
  for (const [index, order] of listOrders(boundaries).entries())
    it(`${order.when} ${order.call}`, () => test(order, `r${index + 1}`));
}

/** Every boundary in its order. */
export function listOrders(boundaries: readonly Boundary[]): Order[] {
  return boundaries.flatMap(([call, ...moments]) => moments.map((when) => ({ call, when })));
}
