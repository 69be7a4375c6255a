import type { DesiredStack } from "../model/desired.ts";
import { holdfastError, toHoldfastError } from "../model/error.ts";
import type { Action, Step, StepOf } from "../model/plan.ts";
import { maskValues } from "../plan/mask-values.ts";
import { fileKey } from "../plan/plan-stack.ts";
import type { Compose, Engine, Kept, Log, Placer, Source, Store, Workspace } from "../ports.ts";
import { noteFetched } from "./check-registries.ts";
import { noteHook } from "./note-hooks.ts";
import { keys } from "./store-keys.ts";

export interface ExecutePorts {
  readonly source: Source;
  readonly compose: Compose;
  readonly engine: Engine;
  readonly placer: Placer;
  readonly workspace: Workspace;
  readonly store: Store;
  readonly kept: Kept;
  readonly log: Log;
}

/** One executor per action: an action without one does not compile. They carry no decision; all were made in the plan. */
type Executors = {
  readonly [A in Action]: (step: StepOf<A>, stack: DesiredStack, ports: ExecutePorts, signal: AbortSignal) => Promise<void>;
};

const EXECUTORS: Executors = {
  place: placeFiles,
  pull: pullImage,
  up: async (step, stack, ports, signal) =>
    ports.compose.up({ ...(await describeProject(stack, ports)), services: step.services, recreate: step.recreate }, signal),
  start: (step, _stack, ports, signal) => ports.engine.start(step.containerId, signal),
  unpause: (step, _stack, ports, signal) => ports.engine.unpause(step.containerId, signal),
  hook: runHook,
  "remove-networks": async (step, _stack, ports, signal) => {
    await ports.engine.removeNetworks(step.project, signal);
  },
  stop: (step, _stack, ports, signal) => ports.engine.stop(step.containerId, signal),
  remove: (step, _stack, ports, signal) => ports.engine.remove(step.containerId, signal),
  restart: restartService,
};

/** Takes one step of a plan. Throws what its port throws. */
export function executeStep(step: Step, stack: DesiredStack, ports: ExecutePorts, signal: AbortSignal): Promise<void> {
  // The compiler cannot follow that the executor of a step's action takes that step.
  const execute = EXECUTORS[step.action] as (
    step: Step,
    stack: DesiredStack,
    ports: ExecutePorts,
    signal: AbortSignal,
  ) => Promise<void>;
  return execute(step, stack, ports, signal);
}

async function placeFiles(step: StepOf<"place">, stack: DesiredStack, ports: ExecutePorts): Promise<void> {
  const wanted = new Set(step.write);
  const files = stack.files.filter((file) => wanted.has(file.path));
  const contents = [];
  for (const { path, executable, oid } of files) contents.push({ path, executable, content: await readFile(oid, stack, ports) });
  await ports.placer.place(stack.name, contents, step.remove);
  ports.store.write(keys.placed(stack.name), Object.fromEntries(stack.files.map((file) => [file.path, fileKey(file)])));
}

/** A file's content from the Git store, or from what was kept of a stack whose revision that no longer has. */
async function readFile(oid: string, stack: DesiredStack, { source, kept }: ExecutePorts): Promise<Uint8Array> {
  try {
    return await source.readBlob(oid);
  } catch (cause) {
    for (const revision of await kept.list(stack.name)) {
      const tree = kept.open(revision);
      await tree.readTree(revision.revision, stack.root);
      const content = await tree.readBlob(oid).catch(() => undefined);
      if (content !== undefined) return content;
    }
    throw cause;
  }
}

async function pullImage(step: StepOf<"pull">, stack: DesiredStack, ports: ExecutePorts, signal: AbortSignal): Promise<void> {
  const project = await describeProject(stack, ports);
  await ports.compose.pull({ ...project, services: step.services, refresh: step.refresh }, signal).catch((cause) => {
    // What a registry says names no image.
    const { code, message, handling, hint } = toHoldfastError(cause);
    if (signal.aborted || message.includes(step.image)) throw cause;
    throw holdfastError(code, `image ${step.image}: ${message}`, { handling, cause, ...(hint === undefined ? {} : { hint }) });
  });
  if (step.refresh) noteFetched(step.image, ports.store);
}

async function runHook(step: StepOf<"hook">, stack: DesiredStack, ports: ExecutePorts, signal: AbortSignal): Promise<void> {
  const { service, command, timeoutMs, hook, phase } = step;
  const container = `${stack.name}-${service}-${hook.toLowerCase()}`;
  // One that an agent left which ended in the middle would run beside this one.
  const left = (await ports.engine.listContainers(signal)).find(({ oneOff, name }) => oneOff && name === container);
  if (left !== undefined) await ports.engine.remove(left.id, signal);
  const output = await ports.compose
    .run({ ...(await describeProject(stack, ports)), service, container, command, timeoutMs }, signal)
    .catch((cause) => {
      const { code, message, handling } = toHoldfastError(cause);
      const masked = maskValues(message, Object.values(stack.environment));
      throw holdfastError(code, `${phase} hook ${service}: ${masked}`, { handling, cause });
    });
  ports.log.info(
    { stack: stack.name, hook, service, output: maskValues(output, Object.values(stack.environment)) },
    "hook ended",
  );
  noteHook(stack, hook, ports.store);
}

async function restartService(
  step: StepOf<"restart">,
  stack: DesiredStack,
  ports: ExecutePorts,
  signal: AbortSignal,
): Promise<void> {
  const containers = await ports.engine.listContainers(signal);
  const own = containers.filter(
    (container) => container.project === stack.name && container.service === step.service && !container.oneOff,
  );
  for (const container of own) await ports.engine.restart(container.id, signal);
}

async function describeProject(stack: DesiredStack, ports: ExecutePorts) {
  const root = ports.placer.directoryOf(stack.name);
  return {
    project: stack.name,
    directory: stack.projectDirectory === "" ? root : `${root}/${stack.projectDirectory}`,
    modelFile: await ports.workspace.writeModel(stack.name, stack.model),
    environment: stack.environment,
  };
}
