import { join } from "node:path";
import { readConfiguration } from "../../agent/commands/read-configuration.ts";
import { wireAgent } from "../../agent/commands/wire.ts";
import { openCompose } from "../../agent/compose/open-compose.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import { openMachine } from "../../agent/host/open-machine.ts";
import type { HistoryEntry } from "../../agent/model/history.ts";
import type { MachineFacts } from "../../agent/model/machine.ts";
import type { ObservedContainer } from "../../agent/model/observed.ts";
import type { ProbeResult } from "../../agent/model/probe.ts";
import type { Machine } from "../../agent/ports/machine.ts";
import type { Prober } from "../../agent/ports/prober.ts";
import type { Log } from "../../agent/ports.ts";
import { openLoop } from "../../agent/reconcile/loop.ts";
import { createMemory, type Memory, type TickOutcome } from "../../agent/reconcile/memory.ts";
import type { TickPorts } from "../../agent/reconcile/tick.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, type EngineOptions, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type Alertmanager, startAlertmanager } from "../servers/alertmanager.ts";
import type { FileChange, GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

export interface HostOptions {
  readonly host?: string;
  /** Milliseconds between two polls; the agent's own default otherwise. */
  readonly intervalMs?: number;
  readonly images?: readonly string[];
  readonly engine?: EngineOptions;
  /** More of the agent's configuration, by the names of its flags. */
  readonly flags?: Readonly<Record<string, string>>;
  /** The executable of Compose that makes the containers; the installed one by default. */
  readonly plugin?: string;
  /** A directory whose programs the machine finds before its own. */
  readonly programs?: string;
  /** Another host of the same fleet: its repository is this one's too. */
  readonly beside?: Host;
}

/** A line of the agent's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** One host with everything around it: engine, repository, Alertmanager and the agent, all real, the agent in this process. */
export interface Host {
  readonly engine: Engine;
  readonly git: GitServer;
  readonly repository: GitRepository;
  readonly alertmanager: Alertmanager;
  readonly directory: string;
  readonly log: LogLine[];
  memory(): Memory;
  ports(): TickPorts;
  push(files: Readonly<Record<string, FileChange>>): Promise<string>;
  /** One tick. */
  tick(): Promise<TickOutcome>;
  /** Runs the agent's own loop until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Ticks until nothing is waited for. */
  settle(): Promise<TickOutcome>;
  /** Another process of the agent, which has forgotten everything that is not on disk. */
  restart(): void;
  /** The same after a boot: what stood below the runtime directory is gone too. */
  boot(): void;
  /** What the history holds, the newest last. */
  history(): readonly HistoryEntry[];
  /** One entry of the store. */
  read(key: string): unknown;
  /** Removes one entry of the store. */
  forget(key: string): void;
  /** Those of Compose projects, whoever made them. */
  containers(): Promise<readonly ObservedContainer[]>;
  container(name: string): Promise<ObservedContainer | undefined>;
  docker(...argv: string[]): Promise<string>;
  /** Tells Alertmanager the present truth and returns the alerts that fire there, heartbeat excepted. */
  alerts(): Promise<{ name: string; labels: Record<string, string>; text: string }[]>;
  stop(): Promise<void>;
}

/** The machine as it is where the engine runs: interfaces and ports belong to a network namespace. */
function openMachineOf(engine: Engine, programs: string | undefined): Machine {
  // In a mount namespace of its own: nobody else on this machine sees them.
  const script = 'mount --bind "$1" /usr/local/sbin && shift && exec "$@"';
  const inside = programs === undefined ? [] : ["unshare", "--mount", "sh", "-ec", script, "sh", programs];
  return {
    ...openMachine(),
    async read(request) {
      const { stdout } = await engine.exec([
        ...inside,
        process.execPath,
        join(import.meta.dirname, "machine-inside.ts"),
        JSON.stringify(request),
      ]);
      return JSON.parse(stdout) as MachineFacts;
    },
  };
}

/** The same for probes, since a container's addresses are reached from its host only. */
function openProberOf(engine: Engine): Prober {
  return {
    async probe(probe) {
      const argv = [process.execPath, join(import.meta.dirname, "probe-inside.ts"), engine.socket, JSON.stringify(probe)];
      const [result] = JSON.parse((await engine.exec(argv)).stdout) as [ProbeResult];
      return result;
    },
  };
}

/** Starts a host whose repository holds nothing yet; its fleet.yaml is up to the test (`fleet()` makes a usual one). */
export async function startHost(options: HostOptions = {}): Promise<Host> {
  const directory = createTemporaryDirectory("hf-live-");
  const engine = await startEngine(options.engine ?? {});
  await loadImages(engine.socket, options.images ?? ["busybox:1.35"]);
  const git = options.beside?.git ?? (await startGitServer());
  const repository = options.beside?.repository ?? (await git.createRepository("infra"));
  const alertmanager = await startAlertmanager();
  const configuration = await readConfiguration({
    documents: openDocuments(),
    environment: {},
    flags: {
      host: options.host ?? "box",
      "repository-url": repository.url,
      "docker-socket": engine.socket,
      "state-dir": join(directory, "state"),
      "runtime-dir": join(directory, "run"),
      "host-env-dir": join(directory, "env"),
      ...options.flags,
    },
  });
  const log: LogLine[] = [];
  const signal = new AbortController().signal;
  const start = () => {
    const wired = wireAgent(configuration, recordLog(log));
    const agent = {
      ...wired,
      ports: { ...wired.ports, machine: openMachineOf(engine, options.programs), prober: openProberOf(engine) },
    };
    const { plugin } = options;
    const made = plugin === undefined ? {} : { compose: openCompose({ socket: engine.socket, plugin }) };
    const memory = createMemory();
    return {
      agent,
      memory,
      loop: openLoop({ ...agent.ports, ...made }, memory, agent.alerting, {
        host: configuration.host,
        ...(options.intervalMs === undefined ? {} : { intervalMs: options.intervalMs }),
      }),
    };
  };
  let running = start();

  const host: Host = {
    engine,
    git,
    repository,
    alertmanager,
    directory,
    log,
    memory: () => running.memory,
    ports: () => running.agent.ports,
    push: (files) => repository.commit(files),
    tick: () => running.loop.reconcile(signal),
    run: (until) => running.loop.run(until),
    async settle() {
      let result = await host.tick();
      await waitUntil("nothing is waited for", async () => {
        if (running.memory.waiting.size === 0) return true;
        result = await host.tick();
        return running.memory.waiting.size === 0;
      }).catch((cause: unknown) => {
        const waiting = [...running.memory.waiting].map(([stack, { value }]) => `${stack} waits until ${value}`);
        throw new Error(`nothing is waited for: ${waiting.join(", ")}`, { cause });
      });
      return result;
    },
    restart() {
      running.agent.close();
      running = start();
    },
    boot() {
      running.agent.close();
      removeTemporaryDirectory(configuration.runtimeDir);
      running = start();
    },
    history: () => running.agent.history.list({ limit: 1_000 }),
    read: (key) => running.agent.ports.store.read(key),
    forget: (key) => running.agent.ports.store.remove(key),
    async containers() {
      return (await running.agent.ports.engine.listContainers(signal)).filter(({ project }) => project !== "");
    },
    async container(name) {
      return (await host.containers()).find((container) => container.name === name);
    },
    async docker(...argv) {
      return (await engine.docker(argv)).stdout.trim();
    },
    async alerts() {
      await running.agent.alerting.deliver(60_000, signal);
      const received = await alertmanager.alerts();
      return received
        .filter(({ labels }) => labels["alertname"] !== "HoldfastHeartbeat")
        .map(({ labels, annotations }) => ({
          name: labels["alertname"] ?? "",
          labels,
          text: `${annotations["summary"]}\n${annotations["description"]}`,
        }));
    },
    async stop() {
      running.agent.close();
      await Promise.allSettled([alertmanager.stop(), options.beside === undefined ? git.stop() : undefined, engine.stop()]);
      removeTemporaryDirectory(directory);
    },
  };
  return host;
}

/** A fleet.yaml that tells this host's Alertmanager at once. */
export function fleet(host: Host, more = ""): string {
  return `vars: {MESSAGE: hello}\nalerts:\n  minFiring: 0s\n  alertmanager: [{url: "${host.alertmanager.url}"}]\n${more}`;
}

/** A stack of services that sleep, each with its own lines of Compose. */
export function compose(services: Readonly<Record<string, string>>, rest = ""): string {
  const blocks = Object.entries(services).map(
    ([name, lines]) =>
      `  ${name}:\n    image: busybox:1.35\n    restart: unless-stopped\n    command: [sleep, "100000"]\n${indent(lines)}`,
  );
  return `services:\n${blocks.join("")}${rest}`;
}

function indent(lines: string): string {
  return lines
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `    ${line}\n`)
    .join("");
}

function recordLog(lines: LogLine[]): Log {
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ ...fields, level, msg: message });
  };
  return { debug: () => undefined, info: write("info"), warn: write("warn"), error: write("error") };
}
