import { openDocuments } from "../../agent/desired/open-documents.ts";
import { isInRange } from "../../agent/lib/version-range.ts";
import { holdfastError, isHoldfastError } from "../../agent/model/error.ts";
import type { Policy } from "../../agent/model/policy.ts";
import { describeProbe } from "../../agent/model/probe.ts";
import type { AppliedStack } from "../../agent/plan/applied-stack.ts";
import type { Quarantine } from "../../agent/plan/health/choose-rollback.ts";
import type { FileWatcher } from "../../agent/ports/file-watcher.ts";
import type { Compose, Kept, Registry, Reporter } from "../../agent/ports.ts";
import { createLongSteps } from "../../agent/reconcile/converge/long-steps.ts";
import { desireHost } from "../../agent/reconcile/desire/desire-host.ts";
import { type Loop, type LoopPorts, openLoop } from "../../agent/reconcile/loop.ts";
import { createMemory, type Memory, type TickOutcome } from "../../agent/reconcile/memory.ts";
import { keys } from "../../agent/reconcile/store-keys.ts";
import { type Alerting, openAlerting } from "../../agent/reconcile/tell/alerting.ts";
import { openJournal } from "../../agent/reconcile/tell/journal.ts";
import type { TickPorts } from "../../agent/reconcile/tick.ts";
import { listProbes, runProbe } from "../../agent/reconcile/verify/sample-probes.ts";
import { createEngineWorld, type EngineWorld } from "../fakes/engine-world.ts";
import { createFakeCompose, type FakeCompose } from "../fakes/fake-compose.ts";
import { createFakeEngine, type FakeEngine } from "../fakes/fake-engine.ts";
import { createFakeKept } from "../fakes/fake-kept.ts";
import { createFakeMachine, type FakeMachine } from "../fakes/fake-machine.ts";
import { strict } from "../fakes/strict.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import {
  createFakeHistory,
  createFakeHostEnv,
  createFakePlacer,
  createFakeStore,
  createFakeWorkspace,
  type FakeHistory,
  type FakeStore,
  type LogLine,
  recordLog,
  renderFake,
} from "./fake-ports.ts";
import { createFakeSource, type FakeSource } from "./fake-source.ts";

/** The adapters of one host, as far as they can fail. */
export type Adapters = Pick<TickPorts, "source" | "compose" | "engine" | "placer" | "workspace" | "store" | "kept">;

export interface FakeHost {
  readonly git: FakeSource;
  readonly world: EngineWorld;
  readonly engine: FakeEngine;
  readonly compose: FakeCompose;
  readonly clock: FakeClock;
  readonly store: FakeStore;
  readonly kept: Kept;
  readonly history: FakeHistory;
  readonly machine: FakeMachine;
  /** Probes that fail, as `describeProbe` spells them, and what comes then; and those that were run. */
  readonly probes: { readonly failing: Map<string, string>; readonly calls: string[] };
  readonly ports: TickPorts;
  /** Digests by image in full spelling, and who was asked for. */
  readonly registry: { readonly calls: string[]; readonly digests: Map<string, string> };
  readonly log: LogLine[];
  /** Below the stacks' directories, below the runtime directory, and the environment files of the host. */
  readonly placed: Map<string, string>;
  readonly runtime: Map<string, string>;
  readonly env: Map<string, string>;
  memory(): Memory;
  loop(): Loop;
  alerting(): Alerting;
  /** One tick; what is no bug and is thrown counts as a failure, as in the loop. */
  tick(): Promise<TickOutcome>;
  /** Runs the probes that are due. */
  sample(): Promise<void>;
  /** Ticks until nothing is waited for. */
  settle(): Promise<TickOutcome>;
  /** Ticks until no stack is being verified any more. */
  verify(): Promise<void>;
  /** Another process of the agent; after a boot nothing is left below the runtime directory. */
  restart(how?: "boot"): void;
  messages(level: string): string[];
  /** What the history holds, `event stack: text`, without what it says of revisions and starts. */
  told(): string[];
}

export interface FakeHostOptions {
  /** Its name; `box` by default. */
  readonly host?: string;
  /** Puts something between the agent and its adapters. */
  readonly wrap?: (adapters: Adapters) => Adapters;
  readonly openReporter?: () => Reporter;
  readonly watcher?: FileWatcher;
  /** Whether the engine tells its events; otherwise it is listed at each look. */
  readonly tellsEvents?: boolean;
  /** The host's own policy, which a test may change. Without it policies are not judged at all. */
  readonly policy?: Policy;
}

/** A whole host in memory: the agent's own decisions, and fakes where the outside world would be. */
export function createFakeHost({
  wrap = (adapters) => adapters,
  openReporter,
  tellsEvents = false,
  watcher,
  policy,
  host: hostName = "box",
}: FakeHostOptions = {}): FakeHost {
  const [git, clock, store, history] = [createFakeSource(), createFakeClock(), createFakeStore(), createFakeHistory()];
  const world = createEngineWorld(clock.nowMs);
  const engine = createFakeEngine({ world, tellsEvents });
  const [log, placed, runtime, env]: [LogLine[], ...Map<string, string>[]] = [[], new Map(), new Map(), new Map()];
  const files = { placed: placed ?? new Map(), runtime: runtime ?? new Map(), env: env ?? new Map() };
  const compose = createFakeCompose({
    world,
    render: (request) => renderFake(request, files.runtime),
    readModel: async (path) => JSON.parse(files.runtime.get(path) ?? "{}"),
  });
  world.addImage("busybox:1.35");
  const kept = createFakeKept();
  const machine = createFakeMachine();
  const probes: FakeHost["probes"] = { failing: new Map(), calls: [] };
  const registry: FakeHost["registry"] = { calls: [], digests: new Map() };
  const adapters = wrap({
    source: git.source,
    compose: compose.compose as Compose,
    engine: engine.engine,
    placer: createFakePlacer(files.placed),
    workspace: createFakeWorkspace(files.runtime),
    store,
    kept,
  });
  const hostEnv = createFakeHostEnv(files.env);
  const journal = openJournal({ history, clock, log: recordLog(log) });
  const guard = policy === undefined ? {} : { guard: { policy, nowMs: clock.nowMs } };
  const common = { ...adapters, ...guard, hostEnv, clock, log: recordLog(log), journal, documents: openDocuments() };
  const ports: LoopPorts = {
    ...common,
    longSteps: createLongSteps(clock),
    machine: machine.machine,
    prober: {
      async probe(probe) {
        const name = describeProbe(probe);
        probes.calls.push(name);
        const detail = probes.failing.get(name);
        return { ok: detail === undefined, durationMs: 1, detail: detail ?? "as expected" };
      },
    },
    loadRanges: async () => isInRange,
    registry: strict<Registry>("the fake registry", {
      async readDigest(image) {
        registry.calls.push(image);
        const digest = registry.digests.get(image);
        if (digest === undefined) throw holdfastError("registry-unreachable", `${image}: no answer`, { handling: "transient" });
        return digest;
      },
    }),
    ...(watcher === undefined ? {} : { watcher }),
    async desire(revision, signal) {
      const applied = (stack: string) => adapters.store.read<AppliedStack>(keys.applied(stack));
      const known = (stack: string) => adapters.workspace.readDesired(stack);
      const quarantine = (stack: string) => adapters.store.read<Quarantine>(keys.quarantine(stack));
      const request = { host: hostName, path: "desired-state", revision, applied, known, quarantine };
      const result = await desireHost(request, common, signal);
      for (const stack of result.accepted ? result.desired.stacks : []) await adapters.workspace.writeDesired(stack);
      return result;
    },
  };
  const signal = new AbortController().signal;
  const start = () => {
    const memory = createMemory();
    const alerting = openAlerting({
      ...common,
      openReporter: openReporter ?? (() => ({ deliver: async () => undefined })),
      openNotifier: () => ({ notify: async () => undefined }),
    });
    return { memory, alerting, loop: openLoop(ports, memory, alerting, { host: hostName }) };
  };
  let running = start();

  const host: FakeHost = {
    ...{ git, world, engine, compose, clock, store, kept, history, machine, probes, registry, ports, log, ...files },
    memory: () => running.memory,
    loop: () => running.loop,
    alerting: () => running.alerting,
    tick: () =>
      running.loop.reconcile(signal).catch((cause: unknown) => {
        if (!isHoldfastError(cause) || cause.handling === "bug") throw cause;
        return "failed";
      }),
    async sample() {
      for (const planned of listProbes(running.memory))
        if (planned.atMs <= clock.nowMs()) await runProbe(planned, ports, running.memory, signal);
    },
    async settle() {
      let result = await host.tick();
      await host.sample();
      for (let round = 0; round < 20 && running.memory.waiting.size > 0; round += 1) {
        clock.advance(500);
        await host.sample();
        result = await host.tick();
      }
      return result;
    },
    async verify() {
      await host.settle();
      for (let round = 0; round < 200 && running.memory.samples.size > 0; round += 1) {
        clock.advance(2_500);
        await host.sample();
        await host.tick();
      }
    },
    restart(how) {
      if (how === "boot") files.runtime.clear();
      running = start();
    },
    messages: (level) => log.filter((line) => line.level === level).map(({ msg }) => msg),
    told: () =>
      history.entries
        .filter(({ event }) => event !== "revision-accepted")
        .map(({ event, stack, text }) => `${event} ${stack ?? "host"}: ${text}`),
  };
  return host;
}

/** Files of a desired state, as they stand in the repository. */
export function state(files: Readonly<Record<string, string | null>>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`desired-state/${path}`, text]));
}

/** A stack for every host, each service with its own line of Compose (`{}` for none). */
export function stackFiles(name: string, services: Readonly<Record<string, string>>, more = ""): Record<string, string> {
  const blocks = Object.entries(services).map(
    ([service, line]) => `  ${service}:\n    image: busybox:1.35\n    restart: always\n${line === "" ? "" : `    ${line}\n`}`,
  );
  return state({
    [`stacks/${name}/stack.yaml`]: `hosts: all\n${more}`,
    [`stacks/${name}/compose.yaml`]: `services:\n${blocks.join("")}`,
  }) as Record<string, string>;
}

/** The host's own file, without which a revision is rejected. */
export const BOX = { "desired-state/hosts/box.yaml": "platform: linux/amd64\n" };
