import { holdfastError } from "../model/error.ts";
import type { TickOutcome } from "../reconcile/memory.ts";
import type { Progress } from "../reconcile/tell/journal.ts";
import type { SyncAnswer } from "../server/agent-api.ts";
import { askRunningAgent } from "./ask-running-agent.ts";
import { EXIT_CODES } from "./once.ts";
import type { Output } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";
import { socketOf } from "./wire.ts";

export interface SyncOptions {
  /** Give only this stack another chance, and tell only of it. */
  readonly stack?: string | undefined;
  /** Print steps as they are taken. */
  readonly follow: boolean;
  /** Confirm that what left the repository is removed. */
  readonly allowRemoval: boolean;
}

/** Has the agent reconcile now, and waits until nothing is on its way and what was changed has proved itself. Returns the exit code, as `once`. */
export async function sync(
  configuration: Configuration,
  { stack, follow, allowRemoval }: SyncOptions,
  output: Output,
): Promise<number> {
  const print = output.format === "json" ? output.complain : output.print;
  const answer = await askRunningAgent<SyncAnswer | Broken>(
    {
      path: socketOf(configuration),
      method: "POST",
      url: "/v1/sync",
      body: { ...(stack === undefined ? {} : { stack }), allowRemoval },
      ...(follow ? { onLine: (line: unknown) => printProgress(line as Progress, print) } : {}),
    },
    { hint: "`holdfast once` reconciles without it" },
  );
  if ("error" in answer)
    throw holdfastError("state-failed", answer.error, {
      handling: "transient",
      ...(answer.hint === undefined ? {} : { hint: answer.hint }),
    });
  const { status } = answer;
  if (output.format === "json") output.print(JSON.stringify(status, undefined, 2));
  else for (const line of describeResult(stack, answer)) output.print(line);
  return stack === undefined ? EXIT_CODES[judgeHost(answer)] : judgeStack(stack, answer);
}

interface Broken {
  readonly error: string;
  readonly hint?: string;
}

function printProgress({ event, stack, text }: Progress, print: (line: string) => void): void {
  if (text === undefined) return;
  const what = event === "step" ? "" : `${event}: `;
  print(`${stack === undefined ? "" : `${stack}: `}${what}${text}`);
}

function describeResult(stack: string | undefined, answer: SyncAnswer): string[] {
  const { status } = answer;
  const stacks = status.stacks.filter((one) => stack === undefined || one.name === stack);
  const lines = stacks.filter((one) => one.reason !== undefined).map(describeReason);
  if (status.rejected) lines.unshift(`revision ${status.rejected.revision.slice(0, 12)} is rejected: ${status.rejected.reason}`);
  if (status.sourceError !== undefined) lines.unshift(`repository: ${status.sourceError}`);
  if (status.engineError !== undefined) lines.unshift(`engine: ${status.engineError}`);
  const invalid = status.rejected !== undefined || stacks.some(({ state }) => state === "invalid");
  // Without what is wrong with others only.
  const others = stack === undefined ? [] : status.stacks.filter(({ name }) => name !== stack);
  const findings = status.findings.filter((line) => !others.some(({ name }) => line.includes(`stacks/${name}/`)));
  if (invalid && findings.length > 0) lines.push("findings", ...findings.map((line) => `  ${line}`));
  const state = stack === undefined ? judgeHost(answer) : (stacks[0]?.state ?? answer.result);
  return [`${stack ?? status.host}  ${state}  revision ${status.revision?.slice(0, 12) ?? "-"}`, ...lines];
}

function describeReason({ name, state, reason = "" }: SyncAnswer["status"]["stacks"][number]): string {
  return `${name}: ${reason.startsWith(state) ? "" : `${state}: `}${reason}`;
}

/** What did not get healthy, and was taken back, is no success. */
function judgeHost({ result, failed }: SyncAnswer): TickOutcome {
  return result === "converged" && failed.length > 0 ? "failed" : result;
}

/** The same for one stack: others that fail are not what was asked for. */
function judgeStack(name: string, { status, failed: unproved }: SyncAnswer): number {
  const { stacks, rejected, sourceError, engineError } = status;
  const state = stacks.find((stack) => stack.name === name)?.state;
  if (rejected !== undefined || state === "invalid") return EXIT_CODES.invalid;
  const failed = unproved.includes(name) || sourceError !== undefined || engineError !== undefined || state === undefined;
  return failed || state === "failed" || state === "waiting" ? EXIT_CODES.failed : EXIT_CODES.converged;
}
