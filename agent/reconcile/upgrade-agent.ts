import { toHoldfastError } from "../model/error.ts";
import type { UpgradeRecord, UpgradeTarget } from "../model/upgrade.ts";
import { chooseUpgrade, keyOf, recordUpgradeFailure } from "../plan/choose-upgrade.ts";
import { explainHostHold } from "../plan/manual-holds.ts";
import type { Upgrader } from "../ports/upgrader.ts";
import type { Clock, Log, Store } from "../ports.ts";
import type { LongSteps } from "./converge/long-steps.ts";
import { readHolds } from "./manual-holds.ts";
import type { Memory } from "./memory.ts";
import { keys } from "./store-keys.ts";
import type { Journal } from "./tell/journal.ts";

export interface UpgradePorts {
  /** Missing where no installed executable runs. */
  readonly upgrader?: Upgrader;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly longSteps: LongSteps;
}

export interface Upgrading {
  /**
   * After each tick: ends the trial of the version that runs, and fetches another one when the desired state asks for it, beside the
   * ticks; has the agent restarted when that is there and nothing is under way. Never waits, never throws.
   */
  look(signal: AbortSignal): void;
  /** The same at the end of `once`: resolves when it is fetched, or cannot be. */
  finish(signal: AbortSignal): Promise<void>;
}

export interface UpgradeCalls {
  /** Ends the agent, so that what was fetched takes its place. */
  readonly restart: () => void;
  /** Has the next tick come at once. */
  readonly ring: () => void;
}

/** What has waited for so long waits for somebody, not for a moment. */
const LONG_WAIT_MS = 600_000;

/** Looks after the version of the agent itself. */
export function openUpgrading(ports: UpgradePorts, memory: Memory, { restart, ring }: UpgradeCalls): Upgrading {
  const { upgrader, store, clock, log, journal } = ports;
  let judged = false;
  /** The entry whose version waits for the next start. */
  let staged: string | undefined;
  let running: Promise<void> | undefined;
  if (upgrader !== undefined) recallRecord(store, memory);

  function fail(target: Pick<UpgradeTarget, "key" | "version">, error: string, final: boolean): void {
    const before = memory.upgrade;
    memory.upgrade = recordUpgradeFailure(before, target, { error, final }, clock.nowMs());
    log.error({ version: target.version, error, failures: memory.upgrade.failures }, "the agent is not upgraded");
    // The same failure of a server that is down is told once.
    if (before?.key !== target.key || before.error !== error) {
      journal.note({ event: "upgrade-failed", text: `to version ${target.version}: ${error}` });
    }
    store.write(keys.upgrade, memory.upgrade);
  }

  /** What became of the version that was fetched before this process was started. */
  async function judgeTrial(here: Upgrader): Promise<void> {
    const trial = await here.recall();
    if (trial === undefined) return;
    const { state, version, from, key, reason = "it did not get ready" } = trial;
    if (state === "trial") {
      if ((await here.identify()) === trial.sha256) {
        log.info({ version, from }, "the agent is upgraded");
        journal.note({ event: "agent-upgraded", text: `from version ${from} to ${version}` });
      }
      await here.settle();
      return;
    }
    if (memory.upgrade?.key === key && memory.upgrade.nextAtMs === undefined) return;
    if (state === "failed") return fail(trial, `${reason}; ${here.version} is back`, true);
    await here.settle();
    fail(trial, "it was not put in its place: run install.sh of this release; journalctl --unit holdfast may say more", true);
  }

  async function forget(here: Upgrader): Promise<void> {
    if (memory.upgrade === undefined && staged === undefined) return;
    staged = undefined;
    await here.settle();
    delete memory.upgrade;
    store.remove(keys.upgrade);
  }

  async function consider(here: Upgrader, signal: AbortSignal): Promise<void> {
    if (!judged) await judgeTrial(here);
    judged = true;
    if (memory.desired === undefined || isHeld()) return;
    const { agent: wanted } = memory.desired;
    if (wanted === undefined) return forget(here);
    const request = { wanted, platform: here.platform, running: await here.identify(), nowMs: clock.nowMs() };
    const choice = chooseUpgrade({ ...request, record: memory.upgrade });
    if (choice.action === "leave" || (choice.action === "fetch" && choice.target.key === staged)) return;
    if (choice.action === "none") return forget(here);
    if (staged !== undefined) await forget(here);
    if (choice.action === "refuse") return fail(choice, choice.reason, true);
    const { target } = choice;
    // The entry has changed: what was remembered of the one before is over.
    if (memory.upgrade !== undefined && memory.upgrade.key !== target.key) await forget(here);
    log.info({ version: target.version, url: target.url }, "the agent fetches another version of itself");
    try {
      await here.stage(target, signal);
    } catch (cause) {
      const error = toHoldfastError(cause);
      if (signal.aborted || error.handling === "bug") throw cause;
      return fail(target, error.message, error.handling === "stalled");
    }
    staged = target.key;
    ring();
  }

  /** Whoever holds the host, or does not trust what is in force, gets no other agent by it. */
  function isHeld(): boolean {
    const { desired } = memory;
    if (desired?.agent === undefined) return false;
    return (
      desired.unverified !== undefined || explainHostHold(desired.suspended, readHolds(store, []), clock.nowMs()) !== undefined
    );
  }

  function isUnderWay(): boolean {
    const { waiting, samples, redesire } = memory;
    if (ports.longSteps.running().length > 0 || samples.size > 0 || redesire === true) return true;
    return [...waiting.values()].some(({ sinceMs }) => clock.nowMs() - sinceMs < LONG_WAIT_MS);
  }

  /** What was fetched is still what is wanted. */
  function isDue(): boolean {
    const wanted = memory.desired?.agent;
    return wanted !== undefined && keyOf(wanted) === staged && !isHeld() && !isUnderWay();
  }

  function take(here: Upgrader, signal: AbortSignal): Promise<void> {
    running ??= consider(here, signal)
      .catch((cause: unknown) => {
        // A store or a disk that fails is nothing that converging has to wait for.
        if (!signal.aborted)
          log.warn({ error: toHoldfastError(cause).message }, "the agent's own version cannot be looked after");
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  return {
    look(signal) {
      if (upgrader === undefined || running !== undefined) return;
      if (isDue()) restart();
      else void take(upgrader, signal);
    },
    async finish(signal) {
      if (upgrader !== undefined && !isUnderWay()) await take(upgrader, signal);
    },
  };
}

function recallRecord(store: Store, memory: Memory): void {
  try {
    const record = store.read<UpgradeRecord>(keys.upgrade);
    if (record !== undefined) memory.upgrade = record;
  } catch {
    // What failed is told by the files of the trial as well.
  }
}
