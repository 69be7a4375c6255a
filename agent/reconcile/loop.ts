import { toHoldfastError } from "../model/error.ts";
import { SAMPLE_SPACING_MS } from "../plan/health/judge-verification.ts";
import { sumSteps } from "../plan/metrics/counts.ts";
import { pollDelayMs } from "../plan/poll-delay.ts";
import type { Log } from "../ports.ts";
import { listStacks } from "./desire/list-stacks.ts";
import { findHoldEndMs } from "./manual-holds.ts";
import type { Memory, TickOutcome } from "./memory.ts";
import { watchRegistries } from "./observe/check-registries.ts";
import { watchEngine } from "./observe/watch-engine.ts";
import { openFileWatch, type WatchFilesPorts } from "./observe/watch-files.ts";
import type { Alerting } from "./tell/alerting.ts";
import { collectFacts } from "./tell/collect-facts.ts";
import { recordStanding } from "./tell/record-standing.ts";
import { type TickOptions, type TickPorts, tick } from "./tick.ts";
import { openUpgrading, type UpgradePorts } from "./upgrade-agent.ts";
import { openProbeWatch } from "./verify/watch-probes.ts";

export type LoopPorts = TickPorts & WatchFilesPorts & UpgradePorts;

export interface LoopOptions {
  readonly host: string;
  /** Set when agent.yaml says it; otherwise the fleet's, otherwise a minute. */
  readonly intervalMs?: number;
  /** Called when another version of the agent waits for its next start, and nothing is under way. */
  readonly onUpgrade?: () => void;
}

/** One line for a tick that did something, or that ended otherwise than the one before. */
function logTick(before: { last: TickOutcome | undefined; taken: number; failed: number }, memory: Memory, log: Log): void {
  const { last, counts, desired } = memory;
  const now = sumSteps(counts);
  const [taken, failed] = [now.taken - before.taken, now.failed - before.failed];
  const fields = { result: last?.result, taken, failed, durationMs: last?.durationMs, revision: desired?.revision };
  if (taken > 0 || failed > 0 || last?.result !== before.last) log.info(fields, "reconciled");
  else log.debug(fields, "reconciled");
}

/** How soon to look again while something is on its way: a list from the engine costs 3 ms. */
const RESTLESS_MS = 500;
/** The same while the engine tells what happens: only that a wait has lasted too long is not told. */
const TOLD_RESTLESS_MS = 5_000;
/** What happens together is looked at together, and never more often than this. */
const GATHER_MS = 50;
const SPACING_MS = 250;
/** Nothing is missed while events are told; this is for what nobody thought of. */
const AUDIT_MS = 900_000;
const DEFAULT_INTERVAL_MS = 60_000;
const NEVER_MS = Number.NEGATIVE_INFINITY;
/** A timer counts whole milliseconds from when the event loop last looked at the clock, so that it may end this much early. */
const EARLY_MS = 100;
/** From the start of a poll to one that `nudge` asks for: a second push waits a moment, a flood is half a request per second. */
const NUDGE_GAP_MS = 2_000;

export interface Loop {
  /** Ticks until the signal is aborted; a tick that runs is interrupted at its next step. Throws only bugs. */
  run(signal: AbortSignal): Promise<void>;
  /** Runs the stacks' probes until the signal is aborted, for whoever ticks by hand; `run` does it by itself. */
  probe(signal: AbortSignal): Promise<void>;
  /** Looks after the agent's own version, for whoever ticks by hand; `run` does it by itself. Throws nothing. */
  upgrade(signal: AbortSignal): Promise<void>;
  /** One tick with its report; several at once share one run. `poll: false` leaves the repository alone. */
  reconcile(signal: AbortSignal, options?: TickOptions): Promise<TickOutcome>;
  /** Ends the pause between two ticks, and asks the repository: this pause, or the next when a tick is under way. */
  wake(): void;
  /**
   * The same for whoever may ring often, as a webhook does: at once when the last poll began at least 2 s ago, otherwise when that
   * is so, and never before the server wants to be asked again. However many ring until then, one poll is owed. Returns whether
   * none was before.
   */
  nudge(): boolean;
  /** The same without asking the repository: what is known, or what may be done, has changed. */
  look(): void;
  /** A tick that begins after the call, with what `prepare` does right before it, and asks the repository, whatever is under way. */
  sync(signal: AbortSignal, prepare: () => void): Promise<TickOutcome>;
  /** Resolves when no tick is under way. */
  idle(): Promise<void>;
}

/** The timer around the tick: interval with jitter, wake-ups, and alerts that are refreshed beside it. */
export function openLoop(ports: LoopPorts, memory: Memory, alerting: Alerting, options: LoopOptions): Loop {
  const { clock, log } = ports;
  let alarm = new AbortController();
  let alertAlarm = new AbortController();
  let running: Promise<TickOutcome> | undefined;
  let polledAtMs = NEVER_MS;
  let lookedAtMs = NEVER_MS;
  let observedAtMs = NEVER_MS;
  let isOwed = false;
  let chance = 0.5;

  const probing = openProbeWatch(ports, memory, () => alarm.abort());
  const upgrading = openUpgrading(ports, memory, { restart: options.onUpgrade ?? (() => undefined), ring: () => alarm.abort() });
  const intervalMs = (): number => options.intervalMs ?? memory.desired?.intervalMs ?? DEFAULT_INTERVAL_MS;
  // Asked anew each time: the first revision that is read says what the interval is.
  const lookAtMs = (): number => lookedAtMs + pollDelayMs(intervalMs(), 0, chance);
  // A repository that cannot be read is asked less and less often, and not before its server wants to be asked again.
  const pollAtMs = (): number => {
    const { sourceFailures: failures, sourceError } = memory;
    if (polledAtMs === NEVER_MS) return NEVER_MS;
    const delayMs = Math.min(pollDelayMs(intervalMs(), failures, chance), isOwed ? NUDGE_GAP_MS : Number.POSITIVE_INFINITY);
    return Math.max(polledAtMs + delayMs, failures === 0 ? 0 : (sourceError?.retryAtMs ?? 0));
  };

  // What a hold keeps back is done as soon as it ends.
  const holdEndMs = (): number => findHoldEndMs(listStacks(memory), ports);

  const auditAtMs = (): number => (memory.watch.auditedAtMs === undefined ? NEVER_MS : memory.watch.auditedAtMs + AUDIT_MS);

  async function runTick(signal: AbortSignal, tickOptions: TickOptions): Promise<TickOutcome> {
    const before = JSON.stringify(alerting.firing());
    const known = { last: memory.last?.result, ...sumSteps(memory.counts) };
    const result = await tick(ports, memory, signal, tickOptions);
    recordStanding(ports, memory);
    probing.look();
    alerting.update(collectFacts(options.host, memory, ports.store, clock.nowMs(), intervalMs()), memory.desired?.alerts);
    logTick(known, memory, log);
    // News is told at once, but nobody waits for the receiver.
    if (JSON.stringify(alerting.firing()) !== before) void alerting.deliver(intervalMs(), signal).then(() => alertAlarm.abort());
    if (options.onUpgrade !== undefined) upgrading.look(signal);
    return result;
  }

  function reconcile(signal: AbortSignal, tickOptions: TickOptions = { poll: true }): Promise<TickOutcome> {
    running ??= runTick(signal, tickOptions).finally(() => {
      running = undefined;
    });
    return running;
  }

  /**
   * A tick of the timer. The repository is asked at its interval, however often the engine is looked at; and the host is looked
   * at in that interval, however seldom the repository is asked.
   */
  async function takeTurn(signal: AbortSignal): Promise<void> {
    const nowMs = clock.nowMs();
    const poll = nowMs + EARLY_MS >= pollAtMs();
    const inputs = poll || nowMs + EARLY_MS >= lookAtMs() || memory.redesire === true;
    if (poll) {
      polledAtMs = nowMs;
      // Whoever rings from here on may know of a push that this poll does not see.
      isOwed = false;
    }
    if (inputs) {
      lookedAtMs = nowMs;
      chance = clock.random();
    }
    if (nowMs + EARLY_MS >= auditAtMs()) delete memory.watch.auditedAtMs;
    const { streaming, news, auditedAtMs } = memory.watch;
    const observe = !streaming || news || !memory.quiet || auditedAtMs === undefined;
    if (observe) observedAtMs = nowMs;
    try {
      await reconcile(signal, { poll, inputs, observe });
    } catch (cause) {
      const error = toHoldfastError(cause);
      if (signal.aborted) return;
      if (error.handling === "bug") throw cause;
      log.error({ error: error.message, hint: error.hint }, "reconciliation failed");
    }
  }

  async function pause(signal: AbortSignal): Promise<void> {
    const { streaming } = memory.watch;
    const nextAtMs = Math.min(pollAtMs(), lookAtMs(), holdEndMs(), streaming ? auditAtMs() : Number.POSITIVE_INFINITY);
    const untilNextMs = Math.max(0, nextAtMs - clock.nowMs());
    const ms = Math.min(untilNextMs, restMs(memory));
    memory.nextAtMs = clock.nowMs() + ms;
    await clock.wait(ms, AbortSignal.any([signal, alarm.signal])).catch(() => undefined);
    // A container that goes is told by four events.
    const gatherMs = Math.max(GATHER_MS, observedAtMs + SPACING_MS - clock.nowMs());
    if (memory.watch.news) await clock.wait(gatherMs, signal).catch(() => undefined);
    // Replaced only now, so that whoever rang during the tick ended this pause.
    alarm = new AbortController();
  }

  async function refreshAlerts(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      alertAlarm = new AbortController();
      const until = AbortSignal.any([signal, alertAlarm.signal]);
      await clock.wait(alerting.restMs(intervalMs()), until).catch(() => undefined);
      // What was told meanwhile says when the next is due.
      if (!until.aborted) await alerting.deliver(intervalMs(), signal);
    }
  }

  return {
    async run(signal) {
      const refreshing = refreshAlerts(signal);
      const ring = (): void => alarm.abort();
      const asking = watchRegistries(ports, memory, options.host, ring, signal);
      const sampling = probing.run(signal);
      const watching = watchEngine(ports, memory, ring, signal);
      const files = openFileWatch(ports, memory, ring, () => {
        lookedAtMs = NEVER_MS;
        ring();
      });
      while (!signal.aborted) {
        await takeTurn(signal);
        files.follow();
        await pause(signal);
      }
      await Promise.all([refreshing, watching, asking, sampling, files.close()]);
    },
    reconcile,
    probe: (signal) => probing.run(signal),
    upgrade: (signal) => upgrading.finish(signal),
    wake() {
      polledAtMs = NEVER_MS;
      alarm.abort();
    },
    nudge() {
      if (isOwed) return false;
      isOwed = true;
      alarm.abort();
      return true;
    },
    look() {
      memory.quiet = false;
      alarm.abort();
    },
    async sync(signal, prepare) {
      // Nothing may come between the end of what is under way and this tick.
      while (running !== undefined) await running.catch(() => undefined);
      polledAtMs = clock.nowMs();
      lookedAtMs = polledAtMs;
      isOwed = false;
      prepare();
      try {
        return await reconcile(signal);
      } finally {
        // The pause that follows is as long as what came of it says.
        alarm.abort();
      }
    },
    async idle() {
      while (running !== undefined) await running.catch(() => undefined);
    },
  };
}

/** How soon to look again because something is on its way: a step waits, a health check has not decided, a stack is being verified. */
function restMs({ waiting, health, samples, redesire, watch }: Memory): number {
  if (redesire) return 0;
  const verifying = samples.size > 0 ? SAMPLE_SPACING_MS : Number.POSITIVE_INFINITY;
  const restless = waiting.size > 0 || [...health.values()].some((state) => state.value === "starting");
  return Math.min(verifying, restless ? (watch.streaming ? TOLD_RESTLESS_MS : RESTLESS_MS) : Number.POSITIVE_INFINITY);
}
