import type { Prober } from "../ports/prober.ts";
import type { Engine } from "../ports.ts";
import type { TickPorts } from "../reconcile/tick.ts";

/** The machine; what looks at it is loaded when it is looked at, which no poll that finds nothing does. */
export function wireMachine(): Pick<TickPorts, "machine" | "loadRanges"> {
  const open = async () => (await import("../host/open-machine.ts")).openMachine();
  return {
    machine: {
      read: async (request, signal) => (await open()).read(request, signal),
      createDirectory: async (path, mode) => (await open()).createDirectory(path, mode),
    },
    loadRanges: async () => (await import("../lib/version-range.ts")).isInRange,
  };
}

/** Probes, loaded with the first one that is run. */
export function wireProber(engine: Engine): Prober {
  let opened: Promise<Prober> | undefined;
  return {
    async probe(probe, target, signal) {
      opened ??= import("../probe/open-prober.ts").then(({ openProber }) => openProber({ engine }));
      return (await opened).probe(probe, target, signal);
    },
  };
}
