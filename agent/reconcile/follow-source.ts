import type { DesiredHost } from "../model/desired.ts";
import { type HoldfastError, isHoldfastError, toHoldfastError } from "../model/error.ts";
import { type Finding, hasErrors, renderFinding } from "../model/finding.ts";
import type { Quarantine } from "../plan/health/choose-rollback.ts";
import { describeAccepted } from "../plan/history/describe-happening.ts";
import type { Marks } from "../plan/history/note-standing.ts";
import { countPoll } from "../plan/metrics/counts.ts";
import type { Clock, Compose, HostEnv, Log, RevisionInfo, Source, Store, Tip } from "../ports.ts";
import { holdRemovals, noteRemovals } from "./converge/removals.ts";
import { restartVerification } from "./manual-holds.ts";
import { type Memory, UNREADABLE } from "./memory.ts";
import { keys } from "./store-keys.ts";
import type { Journal } from "./tell/journal.ts";
import { keepAccepted, readAccepted, verifyAccepted } from "./verify/verify-accepted.ts";

/** What a revision asks of this host: accepted, with stacks that may stay at an older revision, or rejected as a whole. */
export type DesireResult =
  | { readonly accepted: true; readonly desired: DesiredHost }
  | { readonly accepted: false; readonly reason: string; readonly findings: readonly Finding[]; readonly untrusted?: boolean };

/** Reads, validates and renders a revision for this host. Throws what its ports throw. */
export type Desire = (revision: string, signal: AbortSignal) => Promise<DesireResult>;

export interface FollowPorts {
  readonly source: Source;
  readonly hostEnv: HostEnv;
  readonly compose: Pick<Compose, "fingerprint">;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly desire: Desire;
}

/**
 * With `poll` asks for the tip of the branch, and when it moved brings the desired state up to it. Whatever fails, what is in force
 * stays in force; after a restart without a network it is read again from the last accepted revision.
 */
export async function followSource(ports: FollowPorts, memory: Memory, signal: AbortSignal, poll: boolean): Promise<void> {
  const { sourceFailures: failures, sourceError: before } = memory;
  if (poll) await readTip(ports, memory, signal);
  const hostEnv = await fingerprint(ports, memory.desired);
  const rotated = memory.desired !== undefined && hostEnv !== memory.hostEnv;
  const { named } = memory;
  const signers = await ports.source.signers();
  const again = memory.redesire === true;
  delete memory.redesire;
  // What is not trusted becomes so when its key is added on the host.
  const doubted = memory.rejected?.untrusted === true && signers !== memory.signers;
  const moved = named !== undefined && (again || !isExamined(named, memory) || hostEnv !== memory.hostEnv || doubted);
  if (moved) await examine(named, signers, ports, memory, signal).catch((cause) => noteFailure(cause, ports, memory, signal));
  await verifyAccepted(signers, ports, memory, signal).catch((cause) => noteFailure(cause, ports, memory, signal));
  // What is in force follows the host's own files too, while the newest revision is rejected or cannot be read.
  const behind = (rotated || again) && memory.desired?.revision !== memory.tip;
  if (memory.desired === undefined || behind) await resume(ports, memory, signal);
  if (poll && memory.sourceFailures === failures) noteReadable(before, ports, memory);
}

async function readTip(ports: FollowPorts, memory: Memory, signal: AbortSignal): Promise<void> {
  const { source } = ports;
  try {
    const tip = await poll(ports, memory, signal);
    // Fetching is also what mends a store that was found damaged while it was read.
    if (!isExamined(tip, memory) || memory.storeDamaged) await source.fetch(tip, signal, readAccepted(ports.store)?.tip);
    if (memory.storeDamaged) source.release();
    delete memory.storeDamaged;
    memory.tip = tip.revision;
    memory.named = tip;
  } catch (cause) {
    noteFailure(cause, ports, memory, signal);
  }
}

async function poll({ source, clock }: FollowPorts, memory: Memory, signal: AbortSignal): Promise<Tip> {
  const startedAtMs = clock.nowMs();
  const count = (result: "success" | "failure"): void => countPoll(memory.counts, result, clock.nowMs() - startedAtMs);
  try {
    const tip = await source.readTip(signal);
    count("success");
    return tip;
  } catch (cause) {
    if (!signal.aborted) count("failure");
    throw cause;
  }
}

function markExamined({ revision, tag }: Tip, signers: string | undefined, memory: Memory): void {
  memory.examined = revision;
  if (signers === undefined) delete memory.signers;
  else memory.signers = signers;
  if (tag === undefined) delete memory.examinedTag;
  else memory.examinedTag = tag;
}

function isExamined({ revision, tag }: Tip, memory: Memory): boolean {
  return revision === memory.examined && tag === memory.examinedTag;
}

/** What the tip asks of this host, if it may be trusted. */
async function assess(tip: Tip, { source, store, desire }: FollowPorts, signal: AbortSignal): Promise<DesireResult> {
  const reason = await source.judge(tip, store.read<string>(keys.accepted), signal);
  return reason === undefined ? desire(tip.revision, signal) : { accepted: false, reason, findings: [], untrusted: true };
}

async function examine(
  tip: Tip,
  signers: string | undefined,
  ports: FollowPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  const { store, log, source } = ports;
  const { revision } = tip;
  const result = await assess(tip, ports, signal).catch((cause) => rejectUnreadable(cause));
  const isNew = result.accepted && store.read<string>(keys.accepted) !== revision;
  // What a commit says of itself is worth a line of the history, and nothing else.
  const info = isNew ? await source.readInfo(revision).catch(() => undefined) : undefined;
  source.release();
  if (!result.accepted) {
    delete memory.sourceError;
    markExamined(tip, signers, memory);
    memory.hostEnv = await fingerprint(ports, memory.desired);
    const { reason, findings, untrusted = false } = result;
    const told = memory.rejected?.revision === revision && memory.rejected.reason === reason && untrusted;
    memory.rejected = { revision, reason, findings, untrusted };
    if (!told) log.error({ revision, reason, findings: findings.map(renderFinding) }, "revision rejected");
    return;
  }
  const held = await holdRemovals(result.desired, memory.confirmedRemovals ?? [], ports);
  if (held !== undefined) {
    delete memory.sourceError;
    delete memory.rejected;
    markExamined(tip, signers, memory);
    memory.hostEnv = await ports.hostEnv.fingerprint(memory.desired?.hostEnvFiles ?? []);
    if (memory.removalHeld?.reason !== held.reason) log.error(held, "revision held");
    memory.removalHeld = held;
    return;
  }
  noteRemovals(result.desired, store, log);
  delete memory.unverified;
  if (info !== undefined) bestEffort(() => store.write(keys.commit, info));
  await accept(result.desired, ports, memory);
  delete memory.removalHeld;
  delete memory.confirmedRemovals;
  delete memory.rejected;
  keepAccepted(tip, signers, store);
  if (isNew) ports.journal.note(describeAccepted(result.desired, info));
  // Only now: what failed before is done again at the next tick.
  delete memory.sourceError;
  markExamined(tip, signers, memory);
  const { stacks, invalid, findings, rolledBack } = result.desired;
  const fields = {
    revision,
    stacks: stacks.length,
    ...(rolledBack.length === 0 ? {} : { rolledBack }),
    ...(invalid.length === 0 ? {} : { invalid, findings: findings.filter((finding) => hasErrors([finding])).map(renderFinding) }),
  };
  log.info(fields, invalid.length === 0 ? "revision accepted" : "revision accepted in part");
}

// What cannot be read now and will not be readable later is a mistake of the revision.
function rejectUnreadable(cause: unknown): DesireResult {
  const error = toHoldfastError(cause);
  if (error.handling !== "stalled") throw error;
  return { accepted: false, reason: error.message, findings: [] };
}

/** Nothing that goes wrong with the source or the tools ends the tick: drift repair goes on. */
function noteFailure(cause: unknown, ports: FollowPorts, memory: Memory, signal: AbortSignal): void {
  const error = toHoldfastError(cause);
  if (signal.aborted || error.handling === "bug") throw cause;
  // The same failure at each poll is told once.
  if (memory.sourceError?.message !== error.message)
    ports.log.warn({ error: error.message, hint: error.hint }, "the newest revision cannot be read");
  memory.sourceError = error;
  if (error.code.startsWith("source-")) noteUnreadable(ports, memory);
}

/** Counts what failed, and since when; that survives a restart, or the alert would end with each one and begin again. */
function noteUnreadable({ store, clock }: FollowPorts, memory: Memory): void {
  memory.sourceFailures += 1;
  if (memory.unreadableSinceMs !== undefined) return;
  memory.unreadableSinceMs = clock.nowMs();
  bestEffort(() => {
    const known = store.read<number>(keys.unreadableSince);
    if (known === undefined) store.write(keys.unreadableSince, memory.unreadableSinceMs);
    else memory.unreadableSinceMs = known;
  });
}

function noteReadable(before: HoldfastError | undefined, { store, log }: FollowPorts, memory: Memory): void {
  // Only now: a tip that was read and then cannot be judged is no success.
  if (before?.code.startsWith("source-")) {
    log.info({ revision: memory.tip }, "repository is reachable again");
    if (memory.sourceError === before) delete memory.sourceError;
  }
  // Once after a start, and then only when there is something to forget.
  if (memory.wasReadable && memory.unreadableSinceMs === undefined) return;
  memory.wasReadable = true;
  memory.sourceFailures = 0;
  delete memory.unreadableSinceMs;
  bestEffort(() => {
    if (store.read(keys.unreadableSince) !== undefined) store.remove(keys.unreadableSince);
  });
}

/** A store that fails is told where more depends on it. */
function bestEffort(task: () => void): void {
  try {
    task();
  } catch (cause) {
    if (toHoldfastError(cause).handling === "bug") throw cause;
  }
}

async function resume(ports: FollowPorts, memory: Memory, signal: AbortSignal): Promise<void> {
  const revision = ports.store.read<string>(keys.accepted);
  // One that is only not trusted any more is looked at all the same.
  if (revision === undefined || (revision === memory.rejected?.revision && !memory.rejected.untrusted)) return;
  try {
    const result = await ports.desire(revision, signal);
    if (result.accepted) await accept(result.desired, ports, memory);
    ports.log.info({ revision, accepted: result.accepted }, "resumed from the last accepted revision");
  } catch (cause) {
    if (!isHoldfastError(cause) || cause.handling === "bug" || signal.aborted) throw cause;
    ports.log.warn({ revision, error: cause.message }, "the last accepted revision cannot be read");
    // The next poll mends what can be mended.
    if (UNREADABLE.includes(cause.code)) memory.storeDamaged = true;
  } finally {
    ports.source.release();
  }
}

async function accept(desired: DesiredHost, ports: FollowPorts, memory: Memory): Promise<void> {
  const { store } = ports;
  // What was quarantined has changed.
  for (const { name, inputs } of desired.stacks) {
    const quarantine = store.read<Quarantine>(keys.quarantine(name));
    if (quarantine === undefined || quarantine.inputs === inputs) continue;
    if (!desired.rolledBack.includes(name) && !desired.invalid.includes(name)) store.remove(keys.quarantine(name));
  }
  if (!desired.suspended && wasSuspended(memory, store)) restartVerification(undefined, store, ports.clock.nowMs());
  const { unverified } = memory;
  memory.desired = unverified === undefined ? desired : { ...desired, unverified: unverified.reason };
  recallCommit(desired.revision, store, memory);
  memory.hostEnv = await fingerprint(ports, desired);
}

/** What the commit says of itself was read when it was accepted first: that needs the whole of Git. */
function recallCommit(revision: string, store: Store, memory: Memory): void {
  if (memory.commit?.revision === revision) return;
  delete memory.commit;
  bestEffort(() => {
    const known = store.read<RevisionInfo>(keys.commit);
    if (known?.revision === revision) memory.commit = known;
  });
}

/** Whether the host's own file suspended it until now, also before a restart: the history has told so, and not yet that it ended. */
function wasSuspended({ desired }: Memory, store: Store): boolean {
  return desired?.suspended === true || store.read<Marks>(keys.told)?.["suspended"] !== undefined;
}

/** Changes whenever something of the host that the desired state is made from may have: environment files, and Compose itself. */
async function fingerprint({ hostEnv, compose }: FollowPorts, desired: DesiredHost | undefined): Promise<string> {
  return `${await compose.fingerprint()}\n${await hostEnv.fingerprint(desired?.hostEnvFiles ?? [])}`;
}
