import type { Step, StepOf } from "../model/plan.ts";

/**
 * The steps with their renames in an order in which each name is free when it is given. Containers that have each other's names
 * come by theirs over a provisional one, as Compose spells those.
 */
export function orderRenames(steps: readonly Step[]): Step[] {
  const renames = steps.filter((step) => step.action === "rename");
  const names = new Map(renames.map(({ containerId, container }) => [containerId, container]));
  const isBlocked = ({ containerId, name }: StepOf<"rename">): boolean =>
    [...names].some(([id, has]) => id !== containerId && has === name);
  if (!renames.some(isBlocked)) return [...steps];
  const ordered: Step[] = [];
  const rename = (step: StepOf<"rename">, name: string): void => {
    ordered.push({ ...step, container: names.get(step.containerId) ?? step.container, name });
    names.set(step.containerId, name);
  };
  for (let left = renames; left.length > 0; left = left.filter(({ containerId, name }) => names.get(containerId) !== name)) {
    const free = left.find((step) => !isBlocked(step));
    const aside = left.find((step) => names.get(step.containerId) !== provisional(step));
    // Two that are to have one name: the second is told by the engine.
    if (free === undefined && aside === undefined)
      return [...steps.filter(({ action }) => action !== "rename"), ...ordered, ...left];
    if (free !== undefined) rename(free, free.name);
    else if (aside !== undefined) rename(aside, provisional(aside));
  }
  const at = steps.findIndex((step) => step.action === "rename");
  const others = steps.slice(at).filter((step) => step.action !== "rename");
  return [...steps.slice(0, at), ...ordered, ...others];
}

function provisional({ containerId, name }: StepOf<"rename">): string {
  return `${containerId.slice(0, 12)}_${name}`;
}
