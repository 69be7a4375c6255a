import { isHoldfastError } from "../../model/error.ts";
import type { ContainerDetails, ObservedContainer } from "../../model/observed.ts";
import type { Engine } from "../../ports.ts";

/** What inspecting tells of containers, kept until somebody says that it may be another. */
export interface ContainerDetailsCache {
  /** Details by id: known ones as they are, the others by one request each. Forgets every container that is not given. */
  get(
    containers: readonly ObservedContainer[],
    engine: Pick<Engine, "inspectContainer">,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ContainerDetails>>;
  /** Has a container inspected again at the next look; without an id, every one. */
  invalidate(containerId?: string): void;
}

/** More would only queue up in the engine. */
const SIDE_BY_SIDE = 8;

/** An empty cache. */
export function createContainerDetails(): ContainerDetailsCache {
  // Nothing is known of a container that is on its way out, or into which the engine cannot look.
  let known = new Map<string, ContainerDetails | undefined>();
  /** What was known of those that are inspected again. */
  const before = new Map<string, ContainerDetails>();
  /** What was told while containers were inspected: the answers may be from before. */
  let outdated = new Set<string | undefined>();
  return {
    async get(containers, engine, signal) {
      const ids = new Set(containers.map((container) => container.id));
      const told = new Map([...known].filter(([id]) => ids.has(id)));
      const queue = containers.filter(({ id, networks }) => !told.has(id) || !isCurrent(networks, told.get(id)));
      const work = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift())
          told.set(next.id, carryOver(before.get(next.id), await engine.inspectContainer(next.id, signal).catch(ignoreRefusal)));
      };
      outdated = new Set();
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
      before.clear();
      known = outdated.has(undefined) ? new Map() : new Map([...told].filter(([id]) => !outdated.has(id)));
      return new Map([...told].filter((entry): entry is [string, ContainerDetails] => entry[1] !== undefined));
    },
    invalidate(containerId) {
      outdated.add(containerId);
      for (const id of containerId === undefined ? known.keys() : [containerId]) {
        const details = known.get(id);
        if (details !== undefined) before.set(id, details);
      }
      if (containerId === undefined) known.clear();
      else known.delete(containerId);
    },
  };
}

// The engine forgets why a container ended as soon as it has started it again. Whoever starts one by hand begins anew.
function carryOver(before: ContainerDetails | undefined, now: ContainerDetails | undefined): ContainerDetails | undefined {
  if (before?.oomKilled !== true || now === undefined || now.oomKilled || now.restartCount === 0) return now;
  return { ...now, oomKilled: true };
}

// A container that was connected or started anew has other endpoints, which the list tells.
function isCurrent(networks: ObservedContainer["networks"] = {}, details: ContainerDetails | undefined): boolean {
  if (details === undefined) return true;
  const names = [...new Set([...Object.keys(networks), ...Object.keys(details.endpoints)])];
  return names.every((name) => networks[name]?.endpointId === details.endpoints[name]?.endpointId);
}

function ignoreRefusal(cause: unknown): undefined {
  if (!isHoldfastError(cause) || cause.code !== "engine-refused") throw cause;
}
