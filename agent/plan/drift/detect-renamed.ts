import type { DesiredService } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import { PROVISIONAL_NAME } from "../find-leftovers.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/** A container with another name than Compose gives it. */
export function detectRenamed(
  service: DesiredService,
  container: ObservedContainer,
  project: readonly ObservedContainer[],
  request: DriftRequest,
): Drift[] {
  const { name: actual, number } = container;
  const expected = service.containerName ?? `${request.stack.name}-${service.name}-${number}`;
  if (actual === expected || container.state === "removing") return [];
  const provisional = PROVISIONAL_NAME.test(actual) && actual.replace(PROVISIONAL_NAME, "") === expected;
  // Both are there when Compose ended earlier: one is too many, and which one is decided there.
  const others = project.filter((item) => item.service === service.name && item.number === number && item.id !== container.id);
  if (provisional && others.length > 0) return [];
  const cause = provisional
    ? `container ${actual} is to be ${expected}, and its replacement was interrupted before that`
    : `container ${actual} was renamed, it is ${expected}`;
  return [
    makeDrift("renamed", request, {
      ...{ service: service.name, container, expected, actual, cause },
      remedy: { action: "rename", name: expected },
    }),
  ];
}
