import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { listProjects, type RunningProject } from "../engine/list-projects.ts";
import { holdfastError, isHoldfastError } from "../model/error.ts";
import { readProject } from "./import/read-project.ts";
import { writeStack } from "./import/write-stack.ts";
import { locateDesiredState } from "./locate-desired-state.ts";
import type { Output } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";

export interface ImportRequest {
  /** By name; none: every project that Holdfast does not converge. */
  readonly projects: readonly string[];
  readonly directory: string;
  readonly adopt: boolean;
}

/** Writes a stack for each Compose project that runs here; nothing that runs is touched. Exit code: 0, or 1 when one was left out. */
export async function importProjects(
  { host, docker, hostEnvDir }: Configuration,
  { projects, directory, adopt }: ImportRequest,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const found = chooseProjects(await listProjects(docker.socket, signal).catch(describeEngineError(docker.socket)), projects);
  const target = { directory: await findDesiredState(directory), host, hostEnvDir, adopt };
  let code = 0;
  for (const project of found) {
    const problem = project.managed ? "Holdfast converges it already" : undefined;
    const imported = problem ?? readProject(project);
    if (typeof imported === "string") {
      output.complain(`${project.name}: not imported: ${imported}`);
      code = 1;
      continue;
    }
    try {
      const paths = await writeStack(imported, target);
      await writeHost(target.directory, host);
      output.print(`${project.name}: ${join(target.directory, "stacks", project.name)} (${paths.join(", ")})`);
      const count = Object.keys(imported.values).length;
      if (count > 0)
        output.print(
          `  ${count === 1 ? "1 value of a variable stays" : `${count} values of variables stay`} on this host, in ${join(hostEnvDir, `${project.name}.env`)}`,
        );
      for (const note of imported.notes) output.print(`  ${note}`);
    } catch (cause) {
      if (!isHoldfastError(cause)) throw cause;
      output.complain(`${project.name}: not imported: ${cause.message}; ${cause.hint ?? ""}`);
      code = 1;
    }
  }
  if (found.length === 0) output.print("no Compose project runs here without Holdfast");
  if (code === 0 && found.length > 0) output.print(`\n${describeNext(directory, adopt)}`);
  return code;
}

function describeNext(directory: string, adopt: boolean): string {
  const look = `Next: \`holdfast validate ${directory}\`, then commit it, and \`holdfast plan --repository-url ${resolve(directory)}\` shows`;
  return adopt
    ? `${look} which containers are made anew, once.`
    : `${look} that nothing is touched until stack.yaml says \`adopt: true\` (or --adopt).`;
}

function chooseProjects(all: readonly RunningProject[], names: readonly string[]): readonly RunningProject[] {
  if (names.length === 0) return all.filter(({ managed }) => !managed);
  const missing = names.filter((name) => !all.some((project) => project.name === name));
  if (missing.length === 0) return all.filter(({ name }) => names.includes(name));
  const there = all.map(({ name }) => name).join(", ") || "none";
  throw holdfastError("configuration-invalid", `no Compose project ${missing.join(", ")} runs here`, {
    handling: "stalled",
    hint: `these do: ${there}`,
  });
}

/** Where stacks are written: the desired state in a directory, or a new one in it. */
async function findDesiredState(directory: string): Promise<string> {
  await mkdir(resolve(directory), { recursive: true });
  const { root, path } = await locateDesiredState(directory);
  const there = join(root, path);
  const isOne = ["fleet.yaml", "hosts", "stacks"].some((name) => existsSync(join(there, name)));
  return isOne ? there : join(resolve(directory), "desired-state");
}

/** A host that the repository does not know yet. */
async function writeHost(directory: string, host: string): Promise<void> {
  const file = join(directory, "hosts", `${host}.yaml`);
  if (existsSync(file)) return;
  await mkdir(join(directory, "hosts"), { recursive: true });
  await writeFile(file, `platform: ${process.arch === "arm64" ? "linux/arm64" : "linux/amd64"}\n`, { flag: "wx" });
}

function describeEngineError(socket: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw holdfastError("engine-unreachable", `the engine at ${socket} cannot be asked: ${reason}`, {
      handling: "transient",
      cause,
    });
  };
}
