import { holdfastError } from "../model/error.ts";
import type { Status } from "../model/generated/status.ts";
import type { Progress } from "../reconcile/journal.ts";
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

/** Has the agent reconcile now, and waits until nothing is on its way. Returns the exit code, as `once`. */
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
  const { result, status } = answer;
  if (output.format === "json") output.print(JSON.stringify(status, undefined, 2));
  else for (const line of describeResult(stack, answer)) output.print(line);
  return stack === undefined ? EXIT_CODES[result] : judgeStack(stack, status);
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

function describeResult(stack: string | undefined, { result, status }: SyncAnswer): string[] {
  const stacks = status.stacks.filter((one) => stack === undefined || one.name === stack);
  const lines = stacks.filter((one) => one.reason !== undefined).map((one) => `${one.name}: ${one.state}: ${one.reason}`);
  if (status.rejected) lines.unshift(`revision ${status.rejected.revision.slice(0, 12)} is rejected: ${status.rejected.reason}`);
  if (status.sourceError !== undefined) lines.unshift(`repository: ${status.sourceError}`);
  if (status.engineError !== undefined) lines.unshift(`engine: ${status.engineError}`);
  const state = stack === undefined ? result : (stacks[0]?.state ?? result);
  return [`${stack ?? status.host}  ${state}  revision ${status.revision?.slice(0, 12) ?? "-"}`, ...lines];
}

/** The same for one stack: others that fail are not what was asked for. */
function judgeStack(name: string, { stacks, rejected, sourceError, engineError }: Status): number {
  const state = stacks.find((stack) => stack.name === name)?.state;
  if (rejected !== undefined || state === "invalid") return EXIT_CODES.invalid;
  const failed = sourceError !== undefined || engineError !== undefined || state === undefined;
  return failed || state === "failed" || state === "waiting" ? EXIT_CODES.failed : EXIT_CODES.converged;
}
