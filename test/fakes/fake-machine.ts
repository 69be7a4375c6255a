import type { MachineFacts, PathFacts } from "../../agent/model/machine.ts";
import type { Machine } from "../../agent/ports/machine.ts";

/** A machine in memory. */
export interface FakeMachine {
  readonly machine: Machine;
  /** What was asked: `read`, `create /srv/data 755`. */
  readonly calls: string[];
  /** What it has; a path that is not named is a directory with plenty of space. */
  readonly facts: { -readonly [K in keyof Omit<MachineFacts, "paths" | "commands">]: MachineFacts[K] };
  readonly paths: Map<string, PathFacts>;
  readonly commands: Set<string>;
  /** The next look at it fails like this. */
  failure?: Error;
}

const GIB = 2 ** 30;

/** A machine that has what most stacks need. */
export function createFakeMachine(): FakeMachine {
  const fake: FakeMachine = {
    calls: [],
    facts: {
      kernel: "6.1.0-18-amd64",
      platform: "linux/amd64",
      memory: { totalBytes: 16 * GIB, availableBytes: 8 * GIB },
      addresses: ["127.0.0.1", "192.168.1.5"],
      bindsAnyAddress: false,
      listeners: [],
      gpus: [],
    },
    paths: new Map(),
    commands: new Set(["sh"]),
    machine: {
      async read({ paths, commands }) {
        fake.calls.push("read");
        const { failure } = fake;
        delete fake.failure;
        if (failure !== undefined) throw failure;
        const disk = { directory: "/", freeBytes: 100 * GIB, totalBytes: 200 * GIB, inMemory: false };
        const found = paths.map((path): [string, PathFacts] => [path, fake.paths.get(path) ?? { kind: "directory", disk }]);
        return {
          ...fake.facts,
          paths: Object.fromEntries(found),
          commands: Object.fromEntries(commands.map((name) => [name, fake.commands.has(name) ? `/bin/${name}` : undefined])),
        };
      },
      async createDirectory(path, mode) {
        fake.calls.push(`create ${path} ${mode.toString(8)}`);
        return fake.paths.delete(path);
      },
    },
  };
  return fake;
}
