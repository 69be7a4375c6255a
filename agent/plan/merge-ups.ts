import type { ServiceDependency } from "../model/desired.ts";
import type { Step, StepOf } from "../model/plan.ts";

/**
 * Joins neighbouring `up` steps that do not wait for one another into one call of Compose, which then works on their
 * services side by side; each call costs a process.
 */
export function mergeUps(steps: readonly Step[]): Step[] {
  const merged: Step[] = [];
  for (const step of steps) {
    const last = merged.at(-1);
    if (last?.action === "up" && step.action === "up" && canJoin(last, step)) merged[merged.length - 1] = join(last, step);
    else merged.push(step);
  }
  return merged;
}

// The first must not wait for what only the second waits for: that may need the first to get there.
function canJoin(first: StepOf<"up">, second: StepOf<"up">): boolean {
  const known = new Set(first.after.map(identify));
  return (
    first.recreate === second.recreate &&
    first.force === second.force &&
    second.after.every(
      (dependency) =>
        !first.services.includes(dependency.service) &&
        (dependency.condition === "service_started" || known.has(identify(dependency))),
    )
  );
}

function join(first: StepOf<"up">, second: StepOf<"up">): StepOf<"up"> {
  const after = new Map<string, ServiceDependency>();
  for (const dependency of [...first.after, ...second.after]) after.set(identify(dependency), dependency);
  return {
    ...first,
    services: [...first.services, ...second.services],
    causes: [...first.causes, ...second.causes],
    after: [...after.values()],
  };
}

function identify(dependency: ServiceDependency): string {
  return `${dependency.service} ${dependency.condition} ${dependency.required}`;
}
