import type { Drift } from "../model/drift.ts";
import type { Plan, Step } from "../model/plan.ts";
import { findReported } from "./find-reported.ts";

/** A plan as text: each step with its causes, then what is only reported. */
export function renderPlan(plan: Plan): string {
  const lines = plan.stacks.flatMap(({ stack, steps, held }) => [
    `${stack}${held === undefined ? "" : `: held: ${held.text}`}`,
    ...steps.flatMap((step) => [`  ${describeStep(step)}`, ...step.causes.map((cause) => `      because ${cause.text}`)]),
  ]);
  const reported = findReported(plan).map(describeDrift);
  if (reported.length > 0) lines.push("reported only", ...reported.map((line) => `  ${line}`));
  return lines.length === 0 ? `${plan.host}: nothing to do\n` : `${[`${plan.host}:`, ...lines].join("\n")}\n`;
}

/** What a step does, in one line. */
export function describeStep(step: Step): string {
  switch (step.action) {
    case "place":
      return [
        ...(step.write.length > 0 ? [`place ${count(step.write.length, "file")}`] : []),
        ...(step.remove.length > 0 ? [`remove ${count(step.remove.length, "file")}`] : []),
      ].join(", ");
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
    case "restart":
      return `restart ${step.service}${describeAfter(step)}`;
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

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
