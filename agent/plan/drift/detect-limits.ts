import type { DesiredService } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { Limits, ObservedContainer } from "../../model/observed.ts";
import { asObject } from "../desire/json.ts";
import { compareLimits } from "./compare-limits.ts";
import { describeLimit, describeLimits, nameLimit } from "./describe-limits.ts";
import { isRetooled } from "./detect-tool-change.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";
import { readLimits } from "./read-limits.ts";

/** Fields of a service that limits are read from. */
const FIELDS = /^(deploy|restart|mem_|memswap_|cpu|pids_limit|blkio_config)/;

/** What `docker update` changed of a container: limits and the restart policy. */
export function detectLimits(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift[] {
  const model = asObject(request.stack.model["services"])[service.name];
  const actual = request.details?.get(container.id)?.limits;
  if (model === undefined || actual === undefined || isRetooled(service, FIELDS)) return [];
  const expected = readLimits(asObject(model));
  const { fields, update, stuck } = compareLimits(expected, actual, request.limitsSwap);
  if (fields.length === 0) return [];
  // A job is not run a second time for a limit's sake.
  if (stuck.length > 0 && service.oneShot) return [];
  const remedy = stuck.length > 0 ? ({ action: "recreate" } as const) : ({ action: "update", limits: update } as const);
  const changes = fields.map((field) => describeChange(field, expected, actual)).join(", ");
  const why = stuck.length > 0 ? `; only a new container is without ${stuck.map(nameLimit).join(", ")}` : "";
  const details = { service: service.name, container, remedy, cause: `container ${container.name} has ${changes}${why}` };
  return [
    makeDrift("limits", request, {
      ...details,
      expected: describeLimits(expected, fields),
      actual: describeLimits(actual, fields),
    }),
  ];
}

function describeChange(field: keyof Limits, expected: Limits, actual: Limits): string {
  return `${nameLimit(field)} ${describeLimit(field, actual[field])} instead of ${describeLimit(field, expected[field])}`;
}
