import type { DesiredHost } from "../../model/desired.ts";
import type { Observed } from "../../model/observed.ts";
import type { Clock, Engine, Store } from "../../ports.ts";
import type { Memory } from "../memory.ts";
import { readMoved } from "./check-registries.ts";
import { ifAnswered } from "./definitions.ts";

/**
 * One look at the host: a list of containers. Whatever else a plan is made from is asked for when it is not known yet or may
 * have changed, and at an audit, so that a look which finds nothing new is one request.
 */
export async function observeHost(
  desired: DesiredHost,
  { engine, clock, store }: { readonly engine: Engine; readonly clock: Clock; readonly store: Store },
  memory: Memory,
  signal: AbortSignal,
): Promise<Observed> {
  const { watch, details, definitions } = memory;
  const atMs = clock.nowMs();
  if (watch.auditedAtMs === undefined) definitions.invalidate();
  // A request per container is too much for every audit: what `docker update` changes is told.
  if (watch.auditedAtMs === undefined && (watch.missed || !watch.streaming)) details.invalidate();
  watch.missed = false;
  // What happens from here on may be missing in the list.
  watch.news = false;
  watch.auditedAtMs ??= atMs;
  const containers = await engine.listContainers(signal).catch((cause: unknown) => {
    // Nobody knows what happens until it answers again.
    forgetHost(memory);
    throw cause;
  });
  const stacks = new Set(desired.stacks.map((stack) => stack.name));
  const ours = containers.filter((container) => stacks.has(container.project) && !container.oneOff);
  const lists = await definitions.get(ours, engine, signal);
  const found = await details.get(ours, engine, signal);
  const withoutSwapLimit = [...found.values()].some(({ limits }) => limits.memory > 0 && limits.memorySwap === -1);
  if (withoutSwapLimit) memory.engineInfo ??= await ifAnswered(engine.info(signal), signal);
  const limitsSwap = memory.engineInfo?.limitsSwap;
  const moved = readMoved(desired, store);
  memory.observed = {
    ...{ atMs, containers, details: found, ...lists },
    ...(limitsSwap === undefined ? {} : { limitsSwap }),
    ...(moved.size === 0 ? {} : { moved }),
  };
  return memory.observed;
}

/** Has everything asked for at the next look that is not in the list of containers. */
function forgetHost({ details, definitions }: Memory): void {
  details.invalidate();
  definitions.invalidate();
}
