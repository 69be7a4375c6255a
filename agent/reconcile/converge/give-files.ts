import type { DesiredStack } from "../../model/desired.ts";
import type { FileContent } from "../../model/file-content.ts";
import type { ContainerState, ObservedContainer } from "../../model/observed.ts";
import type { StepOf } from "../../model/plan.ts";
import { fileKey } from "../../plan/desire/file-key.ts";
import { readCommitted } from "../desire/read-committed.ts";
import { keys } from "../store-keys.ts";
import type { ExecutePorts } from "./execute-ports.ts";
import { noteEdited, noteStarted, noteTold } from "./note-delivered.ts";

/** What does not live is started by a step of its own, or left as it is. */
const LIVE: readonly ContainerState[] = ["running", "restarting", "paused"];

/** Writes the files of a step, and keeps what stands on the host. */
export async function placeFiles(step: StepOf<"place">, stack: DesiredStack, ports: ExecutePorts): Promise<void> {
  const wanted = new Set(step.write);
  const known = ports.store.read<Record<string, string>>(keys.placed(stack.name)) ?? {};
  const contents: FileContent[] = [];
  for (const { path, executable, oid, inPlace, writable } of stack.files.filter((file) => wanted.has(file.path))) {
    contents.push({
      ...{ path, executable, content: await readCommitted(oid, stack, ports) },
      ...(inPlace ? { inPlace } : {}),
      // What the record does not know may be a container's work.
      ...(writable && known[path] === undefined ? { keep: true } : {}),
      ...(known[path] === undefined ? {} : { putBack: true }),
    });
  }
  if (step.edited !== undefined) noteEdited(stack, step.edited, ports.store);
  await ports.placer.place(stack.name, contents, step.remove);
  ports.store.write(keys.placed(stack.name), Object.fromEntries(stack.files.map((file) => [file.path, fileKey(file)])));
}

/** Creates or replaces containers by Compose; `up` is its call. */
export async function startServices(
  step: StepOf<"up">,
  stack: DesiredStack,
  ports: ExecutePorts,
  up: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // Containers that were here before and stay have only what they were given then.
  const stay = step.recreate || !hasOnChange(stack, step.services) ? [] : await ports.engine.listContainers(signal);
  await up();
  const fresh = step.services.filter((service) => !stay.some((container) => isOf(container, stack, service)));
  noteStarted(stack, fresh, ports.store);
}

/** Starts a container; a program that is started reads its files. */
export async function startContainer(
  step: StepOf<"start">,
  stack: DesiredStack,
  ports: ExecutePorts,
  signal: AbortSignal,
): Promise<void> {
  const names = stack.services.filter(({ onChange }) => onChange !== undefined).map(({ name }) => name);
  const all = names.length === 0 ? [] : await ports.engine.listContainers(signal);
  await ports.engine.start(step.containerId, signal);
  const started = all.find(({ id }) => id === step.containerId)?.service;
  const beside = all.filter((item) => item.id !== step.containerId && isOf(item, stack, started ?? ""));
  const alone = beside.every(({ state }) => state !== "running" && state !== "paused");
  if (started !== undefined && names.includes(started) && alone) noteTold(stack, started, ports.store);
}

export async function restartService(
  step: StepOf<"restart">,
  stack: DesiredStack,
  ports: ExecutePorts,
  signal: AbortSignal,
): Promise<void> {
  const containers = await ports.engine.listContainers(signal);
  const live = containers.filter((item) => isOf(item, stack, step.service) && LIVE.includes(item.state));
  for (const container of live) await ports.engine.restart(container.id, signal);
  noteTold(stack, step.service, ports.store);
}

/** Tells the programs that run; what does not will read its files when it is started. */
export async function signalService(
  step: StepOf<"signal">,
  stack: DesiredStack,
  ports: ExecutePorts,
  signal: AbortSignal,
): Promise<void> {
  const containers = await ports.engine.listContainers(signal);
  const running = containers.filter((item) => isOf(item, stack, step.service) && item.state === "running");
  for (const container of running) await ports.engine.kill(container.id, step.signal, signal);
  noteTold(stack, step.service, ports.store, step.files);
}

function isOf(container: ObservedContainer, stack: DesiredStack, service: string): boolean {
  return container.project === stack.name && container.service === service && !container.oneOff;
}

function hasOnChange({ services }: DesiredStack, names: readonly string[]): boolean {
  return services.some(({ name, onChange }) => names.includes(name) && onChange !== undefined);
}
