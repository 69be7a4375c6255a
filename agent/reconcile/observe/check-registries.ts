import type { DesiredHost } from "../../model/desired.ts";
import { toHoldfastError } from "../../model/error.ts";
import type { MovedImage, ObservedImage } from "../../model/observed.ts";
import { parseImageReference, renderImageReference } from "../../model/parse-image-reference.ts";
import { findImage } from "../../plan/desire/find-image.ts";
import { chooseRegistryChecks, type RegistryCheck } from "../../plan/drift/choose-registry-checks.ts";
import { decideDriftMode } from "../../plan/drift/drift-policy.ts";
import { canMove, judgeImageMoved } from "../../plan/drift/judge-image-moved.ts";
import type { Clock, Engine, Log, Registry, Store } from "../../ports.ts";
import type { Memory } from "../memory.ts";
import { keys } from "../store-keys.ts";

export interface RegistryPorts {
  readonly registry: Registry;
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is remembered of an image's tag: the last answer, and the local image that it was found to have moved away from. */
export interface ImageCheck extends RegistryCheck {
  readonly movedFrom?: string;
}

type Checks = Readonly<Record<string, ImageCheck>>;

/** How often it is looked whether an image is due, and how many are asked for then. */
const ROUND_MS = 60_000;
const MOST = 2;

/** Asks registries, until the signal is aborted, whether the tags that run here name other images now; `onNews` when one does. */
export async function watchRegistries(
  ports: RegistryPorts,
  memory: Memory,
  host: string,
  onNews: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await ports.clock.wait(ROUND_MS, signal).catch(() => undefined);
    if (signal.aborted || memory.desired === undefined) continue;
    try {
      if (!(await checkRegistries(memory.desired, host, ports, signal))) continue;
      memory.watch.news = true;
      onNews();
    } catch (cause) {
      const error = toHoldfastError(cause);
      if (signal.aborted) return;
      if (error.handling === "bug") throw cause;
      ports.log.warn({ error: error.message }, "registries cannot be asked");
    }
  }
}

/** One round; tells whether something is another way than before. */
export async function checkRegistries(
  desired: DesiredHost,
  host: string,
  { registry, engine, store, clock, log }: RegistryPorts,
  signal: AbortSignal,
): Promise<boolean> {
  const names = listWatched(desired);
  const checks: Checks = store.read<Checks>(keys.registry) ?? {};
  const request = { checks, nowMs: clock.nowMs(), most: MOST, seed: host };
  // Whether anything is due at all is known without the engine.
  const due = chooseRegistryChecks({ ...request, images: names });
  if (due.length === 0) return false;
  const local = await engine.listImages(signal);
  let next: Record<string, ImageCheck> = keepKnown(checks, names);
  for (const image of due) {
    const here = findImage(local, image);
    // An image that was built here is looked at again as seldom as any other.
    const asks = canMove(image, here?.digests ?? []);
    const check = asks
      ? await checkImage(image, here, checks[image], registry, clock, log, signal)
      : { checkedAtMs: clock.nowMs(), failures: 0 };
    next = { ...next, [image]: check };
  }
  if (JSON.stringify(next) !== JSON.stringify(checks)) store.write(keys.registry, next);
  return Object.entries(next).some(([image, { movedFrom }]) => movedFrom !== checks[image]?.movedFrom);
}

async function checkImage(
  image: string,
  local: ObservedImage | undefined,
  known: ImageCheck | undefined,
  registry: Registry,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<ImageCheck> {
  const checkedAtMs = clock.nowMs();
  try {
    const digest = await registry.readDigest(image, signal);
    const moved = local !== undefined && judgeImageMoved(image, local.digests, digest) === "moved";
    return { checkedAtMs, digest, failures: 0, ...(moved ? { movedFrom: local.id } : {}) };
  } catch (cause) {
    const error = toHoldfastError(cause);
    if (signal.aborted || error.handling === "bug") throw cause;
    // Told once: what is wrong with a registry is rarely new at the next question.
    if ((known?.failures ?? 0) === 0) log.warn({ image, error: error.message, hint: error.hint }, "a registry does not answer");
    const { retryAtMs } = error;
    return { ...known, checkedAtMs, failures: (known?.failures ?? 0) + 1, ...(retryAtMs === undefined ? {} : { retryAtMs }) };
  }
}

/** Forgets that a tag has moved, after what it names was fetched. */
export function noteFetched(image: string, store: Store): void {
  const checks = store.read<Checks>(keys.registry) ?? {};
  const name = spell(image);
  const known = name === undefined ? undefined : checks[name];
  if (name === undefined || known?.movedFrom === undefined) return;
  const { movedFrom: _movedFrom, ...rest } = known;
  store.write(keys.registry, { ...checks, [name]: rest });
}

/** The tags that were found to name other images than the local ones, by the reference that services use. */
export function readMoved(desired: DesiredHost, store: Store): ReadonlyMap<string, MovedImage> {
  const checks = store.read<Checks>(keys.registry) ?? {};
  const found = desired.stacks.flatMap(({ services }) =>
    services.flatMap(({ image }): [string, MovedImage][] => {
      const { movedFrom, digest } = checks[spell(image) ?? ""] ?? {};
      return movedFrom === undefined || digest === undefined ? [] : [[image, { imageId: movedFrom, digest }]];
    }),
  );
  return new Map(found);
}

/** Images of the services whose stacks want to know; what was built here names no registry. */
function listWatched(desired: DesiredHost): string[] {
  const watched = desired.stacks.filter(({ drift }) => decideDriftMode("image-moved", drift) !== "ignore");
  const names = watched.flatMap(({ services }) => services.map(({ image }) => spell(image)));
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

function keepKnown(checks: Checks, images: readonly string[]): Record<string, ImageCheck> {
  return Object.fromEntries(Object.entries(checks).filter(([image]) => images.includes(image)));
}

function spell(image: string): string | undefined {
  const reference = parseImageReference(image);
  return reference === undefined || reference.digest !== undefined ? undefined : renderImageReference(reference);
}
