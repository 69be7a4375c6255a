import type { DesiredService } from "../../model/desired.ts";
import type { Drift, DriftKind } from "../../model/drift.ts";
import type { ContainerDetails, ObservedContainer } from "../../model/observed.ts";
import { describeLimit } from "./describe-limits.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/** So often by itself, and again so recently: between two ends such a container runs, and looks like any other. */
const CRASHES = 3;
const RECENT_MS = 60_000;

/** A container that does not run as it should. */
export function detectState(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift[] {
  const state = judgeState(service, container, request.details?.get(container.id), request.atMs ?? Number.POSITIVE_INFINITY);
  if (!state) return [];
  const [kind, expected, actual] = state;
  const cause = `container ${container.name} is ${actual}`;
  return [makeDrift(kind, request, { service: service.name, container, expected, actual, cause })];
}

function judgeState(
  service: DesiredService,
  container: ObservedContainer,
  details: ContainerDetails | undefined,
  atMs: number,
): [DriftKind, string, string] | undefined {
  switch (container.state) {
    case "running":
      if (details !== undefined && details.restartCount >= CRASHES && atMs - details.startedAtMs < RECENT_MS)
        return ["restarting", "running", `restarting again and again${describeEnd(details)}`];
      return container.health === "unhealthy" ? ["unhealthy", "healthy", "unhealthy"] : undefined;
    case "paused":
      return ["paused", "running", "paused"];
    case "restarting":
      return ["restarting", "running", describeExit("restarting", container, details)];
    case "exited":
    case "dead":
      return service.oneShot && container.exitCode === 0
        ? undefined
        : ["stopped", "running", describeExit(container.state, container, details)];
    case "created":
      return ["stopped", "running", "created but not started"];
    case "removing":
      return undefined;
    default:
      return container.state satisfies never;
  }
}

function describeExit(state: string, { exitCode }: ObservedContainer, details: ContainerDetails | undefined): string {
  return `${state}${exitCode === undefined ? "" : ` with code ${exitCode}`}${describeEnd(details)}`;
}

/** What only looking into it tells: ` after 4 restarts; it was killed for want of memory (limit 64 MiB)`. */
function describeEnd(details: ContainerDetails | undefined): string {
  if (details === undefined) return "";
  const { restartCount, oomKilled, limits } = details;
  const restarts = restartCount === 0 ? "" : ` after ${restartCount} ${restartCount === 1 ? "restart" : "restarts"}`;
  const limit = limits.memory === 0 ? "it has no limit, the host has no more" : `limit ${describeLimit("memory", limits.memory)}`;
  return `${restarts}${oomKilled ? `; it was killed for want of memory (${limit})` : ""}`;
}
