import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openCompose } from "../compose/open-compose.ts";
import { openDocuments } from "../desired/open-documents.ts";
import { openHostEnv } from "../desired/open-host-env.ts";
import { openWatcher } from "../desired/open-watcher.ts";
import { openWorkspace } from "../desired/open-workspace.ts";
import { openPlacer } from "../desired/place-files.ts";
import { openEngine } from "../engine/open-engine.ts";
import { openDirectory, WORKING_TREE } from "../git/open-directory.ts";
import { openKept } from "../git/open-kept.ts";
import { openSource } from "../git/open-source.ts";
import type { SourceOptions } from "../git/source-options.ts";
import { holdfastError } from "../model/error.ts";
import type { Policy } from "../model/policy.ts";
import type { AppliedStack } from "../plan/applied-stack.ts";
import type { Quarantine } from "../plan/health/choose-rollback.ts";
import type { History, Log, Source, Store } from "../ports.ts";
import { createLongSteps } from "../reconcile/converge/long-steps.ts";
import { desireHost } from "../reconcile/desire/desire-host.ts";
import type { DesirePorts } from "../reconcile/desire/desire-stack.ts";
import type { Desire } from "../reconcile/follow-source.ts";
import type { LoopPorts } from "../reconcile/loop.ts";
import { keys } from "../reconcile/store-keys.ts";
import { type Alerting, openAlerting } from "../reconcile/tell/alerting.ts";
import { openJournal } from "../reconcile/tell/journal.ts";
import { openRegistry } from "../registry/open-registry.ts";
import { openAlertmanager } from "../report/open-alertmanager.ts";
import { openWebhook } from "../report/open-webhook.ts";
import { openHistory } from "../state/open-history.ts";
import { openStore } from "../state/open-store.ts";
import { locateDesiredState } from "./locate-desired-state.ts";
import type { Configuration } from "./read-configuration.ts";
import { systemClock } from "./system-clock.ts";
import { VERSION } from "./version.ts";
import { wireMachine, wireProber, wireUpgrader } from "./wire-late.ts";

export interface Agent {
  readonly ports: LoopPorts;
  readonly alerting: Alerting;
  readonly history: History;
  /** Content that came from the Git server since the start. */
  receivedBytes(): number;
  close(): void;
}

/** Puts the program together: every adapter behind its port, as the configuration says. */
export function wireAgent(configuration: Configuration, log: Log): Agent {
  const database = databaseOf(configuration);
  const store = openStore(database);
  const history = openHistory(database);
  let receivedBytes = 0;
  const onReceived = (bytes: number): void => {
    receivedBytes += bytes;
  };
  const desirePorts = wireDesire(configuration, openSource({ ...sourceOptions(configuration), onReceived }));
  const engine = openEngine({ socket: configuration.docker.socket });
  const ports: LoopPorts = {
    ...desirePorts,
    engine,
    store,
    watcher: openWatcher(),
    clock: systemClock,
    registry: openRegistry({
      listInsecure: async (signal) => (await engine.info(signal)).insecureRegistries,
      ...(configuration.docker.configFile === undefined ? {} : { configFile: configuration.docker.configFile }),
    }),
    longSteps: createLongSteps(systemClock),
    ...wireMachine(),
    prober: wireProber(engine),
    ...wireUpgrader(configuration.repository.caFile),
    log,
    journal: openJournal({ history, clock: systemClock, log }),
    desire: wireKeeper(wireDesirer(configuration, desirePorts, store), desirePorts),
  };
  return {
    ports,
    alerting: openAlerting({ store, clock: systemClock, log, openReporter: openAlertmanager, openNotifier: openWebhook }),
    history,
    receivedBytes: () => receivedBytes,
    close: () => store.close(),
  };
}

/** Where the agent keeps what it remembers. */
export function databaseOf({ stateDir }: Configuration): string {
  return join(stateDir, "holdfast.db");
}

/** Where the agent answers. */
export function socketOf({ runtimeDir }: Configuration): string {
  return join(runtimeDir, "holdfast.sock");
}

/** What reading and rendering a desired state needs, without an engine and without a memory. */
export function wireDesire(configuration: Configuration, source: Source) {
  const { docker, stateDir, runtimeDir, hostEnvDir } = configuration;
  return {
    source,
    documents: openDocuments(),
    compose: openCompose({
      socket: docker.socket,
      ...(docker.configFile === undefined ? {} : { configDirectory: dirname(docker.configFile) }),
    }),
    workspace: openWorkspace(runtimeDir, VERSION),
    placer: openPlacer({ stateDir }),
    hostEnv: openHostEnv({ directory: hostEnvDir }),
    kept: openKept({ stateDir }),
    guard: { nowMs: systemClock.nowMs, ...(configuration.policy === undefined ? {} : { policy: configuration.policy }) },
  };
}

/** How the repository that the configuration names is read. */
export function sourceOptions({ repository, stateDir }: Configuration): SourceOptions {
  const { path: _path, tokenFile, ...options } = repository;
  return {
    ...options,
    gitDirectory: join(stateDir, "git"),
    ...(tokenFile === undefined ? {} : { token: () => readToken(tokenFile) }),
  };
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/,.*/, "") : String(cause);
    throw holdfastError("source-refused", `repository.tokenFile ${path} cannot be read: ${reason}`, {
      handling: "transient",
      cause,
    });
  }
}

/** Reads a revision for this host, with what is remembered of its stacks. */
export function wireDesirer(configuration: Configuration, ports: DesirePorts, store: Store): Desire {
  const { host, repository } = configuration;
  const applied = (stack: string) => store.read<AppliedStack>(keys.applied(stack));
  const known = (stack: string) => ports.workspace.readDesired(stack);
  const quarantine = (stack: string) => store.read<Quarantine>(keys.quarantine(stack));
  return (revision, signal) => desireHost({ host, path: repository.path, revision, applied, known, quarantine }, ports, signal);
}

/** The same, and keeps what came of it, so that a restart renders nothing again. */
function wireKeeper(desire: Desire, { workspace }: DesirePorts): Desire {
  return async (revision, signal) => {
    const result = await desire(revision, signal);
    for (const stack of result.accepted ? result.desired.stacks : []) {
      const known = await workspace.readDesired(stack.name);
      const same = known?.inputs === stack.inputs && known.composeVersion === stack.composeVersion;
      if (!same || known.revision !== stack.revision) await workspace.writeDesired(stack);
    }
    return result;
  };
}

/** What checking a directory needs: no host, and nothing that stays on one. */
export function wireCheck(source: Source, runtimeDir: string, policy?: Policy): DesirePorts {
  return {
    source,
    documents: openDocuments(),
    compose: openCompose({ socket: "/var/run/docker.sock" }),
    workspace: openWorkspace(runtimeDir, VERSION),
    placer: openPlacer({ stateDir: "/var/lib/holdfast" }),
    guard: { nowMs: systemClock.nowMs, ...(policy === undefined ? {} : { policy }) },
  };
}

/** Where `render` reads from: a working tree, or the configured repository at its branch. */
export async function wireRender(
  configuration: Configuration,
  directory: string | undefined,
  use: (request: { host: string; revision: string; path: string }, ports: DesirePorts) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  const { host, repository } = configuration;
  const scratch = await mkdtemp(join(tmpdir(), "holdfast-render-"));
  try {
    if (directory !== undefined) {
      const { root, path } = await locateDesiredState(directory);
      return await use(
        { host, revision: WORKING_TREE, path },
        { ...wireDesire({ ...configuration, runtimeDir: scratch }, openDirectory(root)) },
      );
    }
    const source = openSource({ ...sourceOptions(configuration), gitDirectory: join(scratch, "git") });
    const tip = await source.readTip(signal);
    await source.fetch(tip, signal);
    const objection = await source.judge(tip, undefined, signal);
    if (objection !== undefined) throw holdfastError("revision-rejected", objection, { handling: "stalled" });
    return await use({ host, revision: tip.revision, path: repository.path }, wireDesire(configuration, source));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
