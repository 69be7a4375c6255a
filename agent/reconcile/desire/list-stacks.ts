import type { Memory } from "../memory.ts";

/** The stacks of this host: those in force, those that have no valid revision yet, and those that have left and still run here. */
export function listStacks({ desired, plan }: Memory): ReadonlySet<string> {
  const left = (plan?.drift ?? []).filter(({ kind }) => kind === "unmanaged-stack").map(({ stack }) => stack);
  return new Set([...(desired?.stacks ?? []).map(({ name }) => name), ...(desired?.invalid ?? []), ...left]);
}
