import { suggestName } from "../desired/suggest-name.ts";
import { holdfastError } from "../model/error.ts";
import type { ManualHold } from "../model/manual-hold.ts";
import type { Attempt } from "../plan/backoff.ts";
import type { Quarantine } from "../plan/health/choose-rollback.ts";
import type { Verification } from "../plan/health/judge-verification.ts";
import { explainHold, explainHostHold } from "../plan/manual-holds.ts";
import type { History, Store } from "../ports.ts";
import { listStacks } from "../reconcile/desire/list-stacks.ts";
import type { Loop } from "../reconcile/loop.ts";
import { readHolds, resume, suspend } from "../reconcile/manual-holds.ts";
import type { Memory } from "../reconcile/memory.ts";
import { keys } from "../reconcile/store-keys.ts";
import { syncHost } from "../reconcile/sync-host.ts";
import type { Alerting } from "../reconcile/tell/alerting.ts";
import type { TickPorts } from "../reconcile/tick.ts";
import { rollBack } from "../reconcile/verify/roll-back.ts";
import type { AgentApi, HoldAnswer } from "./agent-api.ts";
import { describeHistory } from "./describe-history.ts";
import { describeStack } from "./describe-stack.ts";
import { describeStatus } from "./describe-status.ts";
import { openFleet } from "./open-fleet.ts";
import { readContainerLog } from "./read-container-log.ts";
import type { Warnings } from "./warnings.ts";

export interface AgentParts {
  readonly host: string;
  readonly version: string;
  readonly ports: Pick<TickPorts, "store" | "clock" | "journal" | "kept" | "source" | "log" | "longSteps" | "engine">;
  readonly memory: Memory;
  readonly loop: Loop;
  readonly alerting: Alerting;
  readonly history: History;
  readonly warnings?: Pick<Warnings, "list" | "set">;
  /** Aborted when the agent ends. */
  readonly signal: AbortSignal;
}

/** How long who suspends waits for the step that has begun: an image may take minutes. */
const STEP_PATIENCE_MS = 10_000;

/** What can be asked of a running agent. */
export function openAgentApi(parts: AgentParts): AgentApi {
  const { host, version, ports, memory, loop, alerting, history, warnings, signal } = parts;
  const { store, clock, longSteps } = ports;
  const known = (): readonly string[] => [...(memory.desired === undefined ? recallStacks(store) : listStacks(memory))];

  function status() {
    const names = known();
    const failures = names.flatMap((name): [string, string][] => {
      const [attempt] = store.read<Attempt[]>(keys.attempts(name)) ?? [];
      return attempt === undefined ? [] : [[name, attempt.error]];
    });
    const holds = readHolds(store, names);
    const verified = (memory.desired?.stacks ?? [])
      .filter(({ name, inputs }) => {
        const known = store.read<Verification>(keys.verification(name));
        return known?.inputs === inputs && known.state === "verified";
      })
      .map(({ name }) => name);
    const takenBack = names.filter((name) => store.read<Quarantine>(keys.quarantine(name))?.byHand === true);
    const facts = {
      ...{ memory, firing: alerting.firing(), holds },
      ...{ failures: new Map(failures), verified: new Set(verified), takenBack: new Set(takenBack) },
    };
    return describeStatus({ host, version, ...facts, nowMs: clock.nowMs(), warnings: warnings?.list() ?? [] });
  }

  const fleet = openFleet({
    ...{ host, peers: () => memory.desired?.peers, status, clock, signal },
    ...(warnings === undefined ? {} : { warnings }),
  });

  /** Waits until what has begun in a stack has ended, but not for ever; returns whether it still goes on. */
  async function awaitStep(stack: string | undefined): Promise<boolean> {
    const patience = new AbortController();
    const tooLong = clock.wait(STEP_PATIENCE_MS, AbortSignal.any([patience.signal, signal])).then(
      () => true,
      () => true,
    );
    const busy = await Promise.race([loop.idle().then(() => false), tooLong]);
    patience.abort();
    return busy || longSteps.running().some((step) => stack === undefined || step.includes(` of ${stack} `));
  }

  return {
    status,
    history(query) {
      if (query.stack !== undefined) requireStack(query.stack, [...new Set([...known(), ...history.stacks()])]);
      return describeHistory(host, history.list(query));
    },
    stack(name) {
      requireStack(name, known());
      const described = describeStack(name, status(), memory);
      if (described === undefined) throw notInForce(name);
      return described;
    },
    readLog: (stack, container) => readContainerLog(stack, container, { memory, engine: ports.engine }, signal),
    fleet,
    listen: (listener) => ports.journal.listen(listener),
    async suspend(stack, request) {
      if (stack !== undefined) requireStack(stack, known());
      const hold = suspend(stack, request, ports);
      const busy = await awaitStep(stack);
      loop.look();
      return describeHold(hold, busy);
    },
    resume(stack) {
      if (stack !== undefined) requireStack(stack, known());
      const ended = resume(stack, ports);
      loop.look();
      const holds = readHolds(store, known());
      const suspended = memory.desired?.suspended ?? false;
      const held =
        stack === undefined
          ? explainHostHold(suspended, holds, clock.nowMs())
          : explainHold(stack, { suspended }, holds, clock.nowMs());
      const stacks = ended.filter((name) => name !== undefined);
      return { stacks, host: ended.includes(undefined), ...(held === undefined ? {} : { held }) };
    },
    async rollback(stack, to) {
      requireStack(stack, known());
      const taken = await rollBack(stack, to, ports, memory, signal);
      return { ...taken, ...(await syncHost({}, { ports, memory, loop }, signal, signal)) };
    },
    async sync(request, onProgress, gone) {
      if (request.stack !== undefined) requireStack(request.stack, known());
      const ignore = ports.journal.listen((progress) => {
        if (request.stack === undefined || progress.stack === undefined || progress.stack === request.stack) onProgress(progress);
      });
      try {
        return { ...(await syncHost(request, { ports, memory, loop }, signal, gone)), status: status() };
      } finally {
        ignore();
      }
    },
  };
}

/** The stacks that the store knows of, for whoever has not read the repository. */
export function recallStacks(store: Store): string[] {
  const names = [keys.applied(""), keys.attempts(""), keys.hold("")].flatMap((prefix) =>
    [...store.list(prefix).keys()].map((key) => key.slice(prefix.length)),
  );
  return [...new Set(names)].sort();
}

/** Throws `desired-state-invalid` for a stack that this host does not have, with the one that was probably meant. */
export function requireStack(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const hint = known.length === 0 ? "no stack is known here yet" : suggestName(name, known);
  throw holdfastError("desired-state-invalid", `there is no stack "${name}" on this host`, { handling: "stalled", hint });
}

function notInForce(name: string): Error {
  return holdfastError("desired-state-invalid", `stack "${name}" is not in force on this host now`, { handling: "stalled" });
}

/** A hold with its times in words of the API. */
export function describeHold({ sinceMs, untilMs, reason }: ManualHold, busy: boolean): HoldAnswer {
  return {
    since: new Date(sinceMs).toISOString(),
    ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
    ...(reason === undefined ? {} : { reason }),
    busy,
  };
}
