import type { DesiredStack } from "../../model/desired.ts";
import { holdfastError, toHoldfastError } from "../../model/error.ts";
import type { Action, Step, StepOf } from "../../model/plan.ts";
import { keepExisting } from "../../plan/desire/keep-existing.ts";
import { describeHook, shorten } from "../../plan/history/describe-happening.ts";
import { maskOutput } from "../../plan/masking/mask-stack.ts";
import { noteFetched } from "../observe/check-registries.ts";
import { ifAnswered } from "../observe/definitions.ts";
import type { ExecutePorts } from "./execute-ports.ts";
import { placeFiles, restartService, signalService, startContainer, startServices } from "./give-files.ts";
import { noteHook } from "./note-hooks.ts";

/** One executor per action: an action without one does not compile. They carry no decision; all were made in the plan. */
type Executors = {
  readonly [A in Action]: (step: StepOf<A>, stack: DesiredStack, ports: ExecutePorts, signal: AbortSignal) => Promise<void>;
};

const EXECUTORS: Executors = {
  "create-directory": async (step, _stack, ports) => {
    await ports.machine.createDirectory(step.path, step.mode);
  },
  place: placeFiles,
  pull: pullImage,
  up: async (step, stack, ports, signal) => {
    const { services, recreate, force = false } = step;
    const request = { ...(await describeProject(stack, ports, signal)), services, recreate, force };
    await startServices(step, stack, ports, () => ports.compose.up(request, signal), signal);
  },
  start: startContainer,
  rename: (step, _stack, ports, signal) => ports.engine.rename(step.containerId, step.name, signal),
  connect: (step, _stack, ports, signal) => ports.engine.connect(step.containerId, step.network, step.endpoint, signal),
  disconnect: (step, _stack, ports, signal) => ports.engine.disconnect(step.containerId, step.network, signal),
  update: (step, _stack, ports, signal) => ports.engine.update(step.containerId, step.limits, signal),
  unpause: (step, _stack, ports, signal) => ports.engine.unpause(step.containerId, signal),
  hook: runHook,
  "remove-networks": async (step, _stack, ports, signal) => {
    await ports.engine.removeNetworks(step.project, signal);
  },
  stop: (step, _stack, ports, signal) => ports.engine.stop(step.containerId, signal),
  remove: (step, _stack, ports, signal) => ports.engine.remove(step.containerId, signal),
  restart: restartService,
  signal: signalService,
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

async function pullImage(step: StepOf<"pull">, stack: DesiredStack, ports: ExecutePorts, signal: AbortSignal): Promise<void> {
  const project = await describeProject(stack, ports, signal);
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
    .run({ ...(await describeProject(stack, ports, signal)), service, container, command, timeoutMs }, signal)
    .catch((cause) => {
      const { code, message, handling, output = "" } = toHoldfastError(cause);
      const said = shorten(maskOutput(message, stack).join(" "));
      const lines = maskOutput(output, stack).join("\n");
      throw holdfastError(code, `${phase} hook ${service}: ${said}`, { handling, cause, output: lines });
    });
  const said = maskOutput(output, stack);
  ports.log.info({ stack: stack.name, hook, service, output: said.join("\n") }, "hook ended");
  noteHook(stack, hook, ports.store);
  ports.journal.note(describeHook({ stack: stack.name, revision: stack.revision }, step, said));
}

async function describeProject(stack: DesiredStack, ports: ExecutePorts, signal: AbortSignal) {
  const [networks = [], volumes = []] = await Promise.all([
    ifAnswered(ports.engine.listNetworks(signal), signal),
    ifAnswered(ports.engine.listVolumes(signal), signal),
  ]);
  const root = ports.placer.directoryOf(stack.name);
  return {
    project: stack.name,
    directory: stack.projectDirectory === "" ? root : `${root}/${stack.projectDirectory}`,
    modelFile: await ports.workspace.writeModel(stack.name, keepExisting(stack.model, networks, volumes)),
    environment: stack.environment,
  };
}
