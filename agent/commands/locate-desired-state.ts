import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { holdfastError } from "../model/error.ts";

/** The repository around a desired state, and the desired state's path in it: roots of stacks may be wider than it. */
export async function locateDesiredState(directory: string): Promise<{ root: string; path: string }> {
  const given = resolve(directory);
  if (!(await stat(given).catch(() => undefined))?.isDirectory()) {
    throw holdfastError("desired-state-invalid", `${given} is no directory`, { handling: "stalled" });
  }
  const inside = join(given, "desired-state");
  const start = !isDesiredState(given) && existsSync(inside) ? inside : given;
  let root = start;
  while (!existsSync(join(root, ".git")) && dirname(root) !== root) root = dirname(root);
  if (!existsSync(join(root, ".git"))) root = dirname(start);
  return { root, path: relative(root, start) };
}

function isDesiredState(directory: string): boolean {
  return ["fleet.yaml", "hosts", "stacks"].some((name) => existsSync(join(directory, name)));
}
