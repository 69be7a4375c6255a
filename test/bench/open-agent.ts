import { join } from "node:path";
import { readConfiguration } from "../../agent/commands/read-configuration.ts";
import { wireAgent } from "../../agent/commands/wire.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import { openEngine } from "../../agent/engine/open-engine.ts";
import type { Log } from "../../agent/ports.ts";
import { openLoop } from "../../agent/reconcile/loop.ts";
import { createMemory } from "../../agent/reconcile/memory.ts";
import { HOST } from "./fleet.ts";

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const LONG_MS = 3_600_000;

export type BenchedAgent = Awaited<ReturnType<typeof openAgent>>;

export interface BenchedAgentOptions {
  readonly directory: string;
  readonly repositoryUrl: string;
  /** The engine behind a proxy that counts. */
  readonly socket: string;
  /** The engine itself: what the proxy does in this process must not count as the agent's CPU. */
  readonly directSocket: string;
}

/** The agent's own loop in this process, on a memory that can be looked into. */
export async function openAgent({ directory, repositoryUrl, socket, directSocket }: BenchedAgentOptions) {
  const configuration = await readConfiguration({
    documents: openDocuments(),
    environment: {},
    flags: {
      host: HOST,
      "repository-url": repositoryUrl,
      "docker-socket": socket,
      "state-dir": join(directory, "state"),
      "runtime-dir": join(directory, "run"),
      "host-env-dir": join(directory, "env"),
    },
  });
  const { ports, alerting, close } = wireAgent(configuration, SILENT);
  const memory = createMemory();
  const options = { host: HOST, intervalMs: LONG_MS };
  const loop = openLoop(ports, memory, alerting, options);
  const direct = openLoop({ ...ports, engine: openEngine({ socket: directSocket }) }, memory, alerting, options);
  const never = new AbortController().signal;
  return {
    ports,
    memory,
    loop,
    close,
    /** A tick whose requests are counted, or one whose CPU is. */
    tick: (what: "requests" | "cpu", tickOptions: Parameters<typeof loop.reconcile>[1]) =>
      (what === "cpu" ? direct : loop).reconcile(never, tickOptions),
  };
}
