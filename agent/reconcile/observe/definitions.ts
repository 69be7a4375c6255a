import { toHoldfastError } from "../../model/error.ts";
import type { Observed, ObservedContainer } from "../../model/observed.ts";
import type { Engine } from "../../ports.ts";

/** Networks and volumes of the engine, as far as it tells them. */
export type Definitions = Pick<Observed, "networks" | "volumes">;

/** The networks and volumes, kept until there may be others. */
export interface DefinitionsCache {
  /** As they are known, or as two requests tell them: the first time, after `invalidate`, and when containers are new. */
  get(containers: readonly ObservedContainer[], engine: Engine, signal: AbortSignal): Promise<Definitions>;
  /** Has them asked for at the next look. */
  invalidate(): void;
}

/** An empty cache. */
export function createDefinitions(): DefinitionsCache {
  let known: Definitions | undefined;
  let seen: ReadonlySet<string> = new Set();
  /** Networks that containers name and that are gone, by id: they are not asked for again and again. */
  let gone: ReadonlySet<string> = new Set();
  /** Told while they were listed: the lists may be from before. */
  let outdated = false;
  return {
    async get(containers, engine, signal) {
      // Compose makes networks and volumes when it makes containers, and a container names its networks by their ids.
      const others = containers.some(({ id }) => !seen.has(id)) || findGone(containers, known).some((id) => !gone.has(id));
      if (known !== undefined && !others) return known;
      outdated = false;
      const [networks, volumes] = await Promise.all([
        ifAnswered(engine.listNetworks(signal), signal),
        ifAnswered(engine.listVolumes(signal), signal),
      ]);
      const lists = { ...(networks === undefined ? {} : { networks }), ...(volumes === undefined ? {} : { volumes }) };
      seen = new Set(containers.map((container) => container.id));
      gone = new Set(findGone(containers, lists));
      known = outdated ? undefined : lists;
      return lists;
    },
    invalidate() {
      outdated = true;
      known = undefined;
    },
  };
}

/** Ids of networks that containers name, and that are not among those of the engine. */
function findGone(containers: readonly ObservedContainer[], { networks }: Definitions = {}): string[] {
  if (networks === undefined) return [];
  const existing = new Set(networks.map((network) => network.id));
  const named = containers.flatMap((container) => Object.values(container.networks ?? {}).map((item) => item.networkId));
  return named.filter((id) => id !== "" && !existing.has(id));
}

/** An engine refuses or hangs where a plugin does; what it does not tell is not compared, and everything else is. */
export async function ifAnswered<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return answer.catch((cause: unknown) => {
    if (signal.aborted || toHoldfastError(cause).handling === "bug") throw cause;
    return undefined;
  });
}
