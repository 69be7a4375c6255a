import type { Drift } from "../model/drift.ts";
import type { Plan, Step } from "../model/plan.ts";
import { describeLimits } from "./drift/describe-limits.ts";
import { findLeft } from "./drift/find-reported.ts";

/** How many files a step names. */
const NAMED_FILES = 5;

/** A plan as text: each step with its causes, what a held stack is left with, then what is only reported. `notes`: stacks that stay as they are for another reason. */
export function renderPlan(plan: Plan, notes: readonly string[] = []): string {
  const diffs = new Map(plan.drift.map(({ stack, cause, diff }) => [`${stack} ${cause}`, diff]));
  const showDiff = (stack: string, cause: string, indent: string): string[] =>
    (diffs.get(`${stack} ${cause}`)?.split("\n") ?? []).map((line) => indent + line);
  const left = findLeft(plan);
  const lines = plan.stacks.flatMap(({ stack, steps, held, stays = [] }) => [
    `${stack}${held === undefined ? "" : `: held: ${held.text}`}`,
    ...steps.flatMap((step) => [
      `  ${describeStep(step)}`,
      ...step.causes.flatMap((cause) => [
        `      because ${cause.text}`,
        // Once, where the file is put back, and not again where services are given it.
        ...(step.action === "place" ? showDiff(stack, cause.text, "          ") : []),
      ]),
    ]),
    ...left
      .filter((drift) => drift.stack === stack)
      .flatMap(({ kind, cause }) => [`  not healed: ${kind}: ${cause}`, ...showDiff(stack, cause, "      ")]),
    ...stays.map(({ what, remedy }) => `  ${what} stays; to delete it: ${remedy}`),
  ]);
  const reported = plan.drift.filter(({ mode }) => mode === "report");
  if (reported.length > 0) lines.push("reported only");
  for (const drift of reported) lines.push(`  ${describeDrift(drift)}`, ...showDiff(drift.stack, drift.cause, "      "));
  lines.push(...notes);
  return lines.length === 0 ? `${plan.host}: nothing to do\n` : `${[`${plan.host}:`, ...lines].join("\n")}\n`;
}

/** What a step does, in one line. */
export function describeStep(step: Step): string {
  switch (step.action) {
    case "create-directory":
      return `create directory ${step.path} with mode ${step.mode.toString(8).padStart(4, "0")}`;
    case "place": {
      const written = step.write.length - (step.edited?.length ?? 0);
      return [
        ...(written > 0 ? [`place ${count(written, "file")}`] : []),
        ...(step.edited === undefined ? [] : [`put back ${count(step.edited.length, "file")}`]),
        ...(step.remove.length > 0 ? [`remove ${count(step.remove.length, "file")}`] : []),
      ].join(", ");
    }
    case "pull":
      return `pull ${step.image}`;
    case "up":
      return `${step.recreate ? "recreate" : "create"} ${step.services.join(", ")}${describeAfter(step)}`;
    case "start":
    case "unpause":
    case "stop":
    case "remove":
      return `${step.action} ${step.container}${describeAfter(step)}`;
    case "hook":
      return `run ${step.phase} hook ${step.service}: ${step.command.join(" ")}${describeAfter(step)}`;
    case "remove-networks":
      return `remove the networks of ${step.project}`;
    case "rename":
      return `rename ${step.container} to ${step.name}`;
    case "connect":
      return `connect ${step.container} to ${step.network}`;
    case "disconnect":
      return `disconnect ${step.container} from ${step.network}`;
    case "update":
      return `update ${step.container}: ${describeLimits(step.limits)}`;
    case "restart":
      return `restart ${step.service}${step.files === undefined ? "" : `: ${nameFiles(step.files)} changed`}${describeAfter(step)}`;
    case "signal":
      return `signal ${step.signal} to ${step.service}: ${nameFiles(step.files)} changed`;
    default:
      return step satisfies never;
  }
}

/** Drift in one line: stack, kind and reason. */
export function describeDrift(drift: Drift): string {
  return `${drift.stack}: ${drift.kind}: ${drift.cause}`;
}

function describeAfter(step: Step): string {
  const conditions = step.after.filter((dependency) => dependency.condition !== "service_started");
  const words = conditions.map(
    ({ service, condition }) => `${service} ${condition === "service_healthy" ? "is healthy" : "has finished"}`,
  );
  return words.length === 0 ? "" : ` once ${words.join(" and ")}`;
}

function nameFiles(files: readonly string[]): string {
  const more = files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : "";
  return `${files.slice(0, NAMED_FILES).join(", ")}${more}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
