import { holdfastError } from "../model/error.ts";
import { isInForce } from "../plan/manual-holds.ts";
import type { Log } from "../ports.ts";
import { type HoldPorts, readHolds, resume as resumeHold, suspend as suspendHold } from "../reconcile/manual-holds.ts";
import { openJournal } from "../reconcile/tell/journal.ts";
import type { HoldAnswer, ResumeAnswer } from "../server/agent-api.ts";
import { describeHold, recallStacks, requireStack } from "../server/open-agent-api.ts";
import { readHoldRequest } from "../server/read-request.ts";
import { openHistory } from "../state/open-history.ts";
import { openStore } from "../state/open-store.ts";
import { askRunningAgent } from "./ask-running-agent.ts";
import { formatTime } from "./format-time.ts";
import type { Output } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";
import { systemClock } from "./system-clock.ts";
import { databaseOf, socketOf } from "./wire.ts";

export interface HoldTarget {
  readonly stack?: string | undefined;
  readonly all: boolean;
}

/** Holds a stack, or the whole host, by the agent or for the next one. Returns the exit code. */
export async function suspend(
  configuration: Configuration,
  target: HoldTarget,
  asked: { readonly for?: string; readonly reason?: string },
  output: Output,
): Promise<number> {
  const stack = readTarget(target);
  const request = readHoldRequest(asked);
  const { since, until, busy } = await ask<HoldAnswer>(configuration, stack, "suspend", asked, (ports) =>
    describeHold(suspendHold(stack, request, ports), false),
  );
  const end = until === undefined ? "until `holdfast resume`" : `until ${formatTime(Date.parse(until))}`;
  output.print(`${stack ?? "the host"} is suspended since ${formatTime(Date.parse(since))} ${end}`);
  if (busy) output.print("what had begun before, getting an image say, may still be ending");
  return 0;
}

/** Ends the hold of a stack, or every hold of the host. Returns the exit code: 1 when something else holds it still. */
export async function resume(configuration: Configuration, target: HoldTarget, output: Output): Promise<number> {
  const stack = readTarget(target);
  const answer = await ask<ResumeAnswer>(configuration, stack, "resume", {}, (ports) => {
    const ended = resumeHold(stack, ports);
    const { host } = readHolds(ports.store, []);
    const held = isInForce(host, ports.clock.nowMs()) ? { held: "the host is suspended" } : {};
    return { stacks: ended.filter((name) => name !== undefined), host: ended.includes(undefined), ...held };
  });
  const ended = [...(answer.host ? ["the host"] : []), ...answer.stacks];
  if (ended.length > 0) output.print(`${ended.join(", ")} ${ended.length === 1 ? "is" : "are"} resumed`);
  else if (answer.held === undefined) output.print(`${stack ?? "the host"} was not suspended`);
  if (answer.held === undefined) return 0;
  const way = stack === undefined ? "" : "; `holdfast resume --all` ends the host's hold";
  output.complain(`${stack ?? "the host"} stays suspended: ${answer.held}${answer.held.includes("suspend: true") ? "" : way}`);
  return 1;
}

function readTarget({ stack, all }: HoldTarget): string | undefined {
  if ((stack === undefined) === all) return stack;
  throw holdfastError("configuration-invalid", all ? "name a stack or say --all, not both" : "name a stack, or say --all", {
    handling: "stalled",
  });
}

/** Asks the agent; without one, changes what the next one reads, `once` of a timer or `run`. */
async function ask<T>(
  configuration: Configuration,
  stack: string | undefined,
  action: "suspend" | "resume",
  body: object,
  change: (ports: HoldPorts) => T,
): Promise<T> {
  const url = stack === undefined ? `/v1/${action}` : `/v1/stacks/${encodeURIComponent(stack)}/${action}`;
  const request = { path: socketOf(configuration), method: "POST", url, body } as const;
  return askRunningAgent<T>(request, {
    instead: () => {
      const answer = changeStore(configuration, stack, change);
      // One that started meanwhile may have read what was there before.
      return askRunningAgent<T>(request, { instead: () => answer });
    },
  });
}

function changeStore<T>(configuration: Configuration, stack: string | undefined, change: (ports: HoldPorts) => T): T {
  const database = databaseOf(configuration);
  const store = openStore(database);
  try {
    if (stack !== undefined) requireStack(stack, recallStacks(store));
    return change({
      store,
      clock: systemClock,
      journal: openJournal({ history: openHistory(database), clock: systemClock, log: QUIET }),
    });
  } finally {
    store.close();
  }
}

const QUIET: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
