import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Prober } from "../ports/prober.ts";
import type { Upgrader } from "../ports/upgrader.ts";
import type { Engine } from "../ports.ts";
import type { TickPorts } from "../reconcile/tick.ts";
import { VERSION } from "./version.ts";

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

/** Where install.sh puts the executable, and what takes its place before a start. */
const LIBRARY = "/usr/local/lib/holdfast";

/**
 * The place of the agent's own executable, where it may be taken by another one: installed by install.sh, started by its unit. From
 * source, or by hand, there is none. What works there is loaded when it is used.
 */
export function wireUpgrader(caFile: string | undefined): { readonly upgrader?: Upgrader } {
  const { STATE_DIRECTORY: state } = process.env;
  const program = join(LIBRARY, "holdfast");
  if (!state || process.execPath !== program || !existsSync(join(LIBRARY, "upgrade.sh"))) return {};
  const platform = `${process.platform}-${process.arch}`;
  const options = { version: VERSION, platform, program, directory: join(state, "upgrade"), environment: process.env };
  let opened: Promise<Upgrader> | undefined;
  const open = (): Promise<Upgrader> => {
    opened ??= import("../upgrade/open-upgrader.ts").then(({ openUpgrader }) =>
      openUpgrader({ ...options, ...(caFile === undefined ? {} : { caFile }) }),
    );
    return opened;
  };
  return {
    upgrader: {
      ...{ version: VERSION, platform },
      identify: async () => (await open()).identify(),
      recall: async () => (existsSync(options.directory) ? (await open()).recall() : undefined),
      stage: async (target, signal) => (await open()).stage(target, signal),
      settle: async () => (await open()).settle(),
    },
  };
}
