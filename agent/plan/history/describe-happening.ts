import type { DesiredHost } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { Happening, HistoryDrift, HistoryStep } from "../../model/history.ts";
import type { Leftover, Step, StepOf } from "../../model/plan.ts";
import { describeStep } from "../render-plan.ts";

/** What was done for a stack since it was last as it should be. */
export interface Done {
  readonly steps: readonly Step[];
  /** Drift of the host that these steps have mended. */
  readonly healed: readonly Drift[];
}

export interface Subject {
  readonly stack: string;
  readonly revision: string;
}

/** More than that of anything tells nobody more, and an entry stays small. */
const LISTED = 30;
const TEXT_LENGTH = 1_000;

/** A stack is as it should be again: drift was healed, or another revision converged. */
export function describeDone({ stack, revision }: Subject, { steps, healed }: Done): Happening {
  const taken = limit(steps.map(describeHistoryStep));
  const common = { stack, revision, steps: taken };
  if (healed.length === 0) return { event: "converged", ...common, text: shorten(steps.map(describeStep).join(", ")) };
  const causes = [...new Set(healed.map((drift) => drift.cause))];
  return { event: "healed", ...common, text: shorten(causes.join("; ")), drift: limit(healed.map(describeHistoryDrift)) };
}

/** A stack that left the repository is gone from the host. */
export function describeGone({ stack, revision }: Subject, steps: readonly Step[], stays: readonly Leftover[] = []): Happening {
  const text = "it is no longer in the repository; its volumes stay";
  const output = stays.map(({ what, remedy }) => shorten(`${what} stays; to delete it: ${remedy}`));
  const told = output.length === 0 ? {} : { output: limit(output) };
  return { event: "removed", stack, revision, text, steps: limit(steps.map(describeHistoryStep)), ...told };
}

/** A revision did not get healthy: the stack goes back `to` another one, or is stopped where there is none. */
export function describeTakenBack({ stack, revision }: Subject, reason: string, to: string | undefined): Happening {
  const [first = "", ...rest] = reason.split("\n");
  const output = rest.length === 0 ? {} : { output: limit(rest) };
  const about = { stack, revision, ...output };
  if (to === undefined) return { event: "verification-failed", ...about, text: shorten(`it is stopped: ${first}`) };
  return { event: "rolled-back", ...about, text: shorten(`back to ${to.slice(0, 12)}: ${first}`) };
}

/** A step failed; `error` is one line, and `output` what a hook wrote before, both without secrets. */
export function describeFailedStep(
  { stack, revision }: Subject,
  step: Step,
  error: string,
  output: readonly string[] = [],
): Happening {
  const text = shorten(`${describeStep(step)}: ${error}`);
  const told = output.length === 0 ? {} : { output: limit(output) };
  return { event: "step-failed", stack, revision, text, steps: [describeHistoryStep(step)], ...told };
}

/** A hook ended well; `output` is what it wrote, without secrets. */
export function describeHook({ stack, revision }: Subject, step: StepOf<"hook">, output: readonly string[]): Happening {
  const text = shorten(`${step.phase} hook ${step.service} has run: ${step.command.join(" ")}`);
  return { event: "hook-ended", stack, revision, text, ...(output.length === 0 ? {} : { output: limit(output) }) };
}

/** A revision is in force now, as far as its stacks are valid; `info` is what its commit says of itself. */
export function describeAccepted(
  { revision, invalid }: Pick<DesiredHost, "revision" | "invalid">,
  info?: { readonly author: string; readonly subject: string },
): Happening {
  const said = info === undefined ? "accepted" : `${info.subject} (${info.author})`;
  const text = invalid.length === 0 ? said : `${said}; in part, not for ${invalid.join(", ")}`;
  return { event: "revision-accepted", revision, text: shorten(text) };
}

/** Something differs and is left as it is; `why` says why, unless its mode does. */
export function describeReported(drift: Drift, why: string | undefined): Happening {
  const text = shorten(`${drift.cause} (${why ?? "only reported"})`);
  return { event: "drift-reported", stack: drift.stack, text, drift: [describeHistoryDrift(drift)] };
}

/** A text that is no longer than a line may be. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > TEXT_LENGTH ? `${line.slice(0, TEXT_LENGTH - 1)}…` : line;
}

/** The first of many. */
export function limit<T>(items: readonly T[]): readonly T[] {
  return items.slice(0, LISTED);
}

function describeHistoryStep(step: Step): HistoryStep {
  return { text: shorten(describeStep(step)), causes: limit(step.causes.map((cause) => shorten(cause.text))) };
}

function describeHistoryDrift({ kind, service, container, expected, actual, cause }: Drift): HistoryDrift {
  return {
    kind,
    ...(service === undefined ? {} : { service }),
    ...(container === undefined ? {} : { container }),
    ...{ expected: shorten(expected), actual: shorten(actual), cause: shorten(cause) },
  };
}
