import type { ObservedContainer } from "../../model/observed.ts";

/** By the network's name, the containers on it that carry no label of Holdfast's. */
export type Guests = ReadonlyMap<string, readonly ObservedContainer[]>;

/** Who is on which network without Holdfast: one look at the containers for all stacks. */
export function findGuests(containers: readonly ObservedContainer[]): Guests {
  const guests = new Map<string, ObservedContainer[]>();
  for (const container of containers) {
    if (container.stack !== undefined || ["exited", "dead", "removing"].includes(container.state)) continue;
    for (const network of Object.keys(container.networks ?? {})) guests.set(network, [...(guests.get(network) ?? []), container]);
  }
  return guests;
}
