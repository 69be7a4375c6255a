import type { JsonObject } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import { asObject, asString } from "../desire/json.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/** Containers that somebody connected to a network of the stack, and that are neither of its project nor Holdfast's. */
export function detectGuests(request: DriftRequest): Drift[] {
  const { stack, guests } = request;
  if (guests === undefined || guests.size === 0) return [];
  return listOwnNetworks(stack.name, stack.model).flatMap((network) =>
    (guests.get(network) ?? [])
      .filter(({ project }) => project !== stack.name)
      .map((container) =>
        makeDrift("foreign", request, {
          container,
          expected: `only containers of Holdfast's on network ${network}`,
          actual: `${container.name} is connected`,
          cause: `container ${container.name}, which is not Holdfast's, is connected to network ${network}`,
        }),
      ),
  );
}

/** Those that the stack makes: what is external is somebody else's. */
function listOwnNetworks(stack: string, model: JsonObject): string[] {
  return Object.entries(asObject(model["networks"]))
    .map(([key, value]) => [key, asObject(value)] as const)
    .filter(([, definition]) => definition["external"] !== true)
    .map(([key, definition]) => asString(definition["name"]) ?? `${stack}_${key}`)
    .sort();
}
