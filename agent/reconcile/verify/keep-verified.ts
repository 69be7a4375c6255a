import type { DesiredStack } from "../../model/desired.ts";
import type { CommittedFile, KeptImage, KeptRevision, Proof } from "../../model/kept.ts";
import type { ObservedContainer, ObservedImage } from "../../model/observed.ts";
import { findDigest } from "../../plan/desire/pin-images.ts";
import type { Engine, Kept, Source, Store } from "../../ports.ts";
import { readAccepted } from "./verify-accepted.ts";

export interface KeepPorts {
  readonly kept: Kept;
  readonly source: Source;
  readonly engine: Engine;
  readonly store: Pick<Store, "read">;
}

/** Files that say what a stack is, beside those below its root: without them a reference in one would lead nowhere. */
const DOCUMENTS = /^(fleet\.yaml|hosts\/[^/]+\.yaml|stacks\/[^/]+\/stack\.yaml)$/;

/**
 * Keeps a stack as it was verified, with the images that its containers run; `again`: it was gone back to, which makes it no newer than
 * what was left. Throws what its ports throw.
 */
export async function keepVerified(
  stack: DesiredStack,
  path: string,
  containers: readonly ObservedContainer[],
  { nowMs, again }: { readonly nowMs: number; readonly again: boolean },
  ports: KeepPorts,
  signal: AbortSignal,
): Promise<void> {
  const { kept, engine, source } = ports;
  const known = (await kept.list(stack.name)).find(({ inputs }) => inputs === stack.inputs);
  const images = await describeImages(stack, containers, await engine.listImages(signal), known);
  const digests = Object.fromEntries(stack.services.map(({ name, digest }) => [name, digest]));
  const { name, inputs, revision } = stack;
  const proof = await prove(revision, known, ports);
  const verifiedAtMs = again ? (known?.verifiedAtMs ?? nowMs) : nowMs;
  const now: KeptRevision = { stack: name, inputs, revision, ...(proof && { proof }), verifiedAtMs, images, digests };
  for (const { id, tag } of Object.values(images)) await engine.tagImage(id, tag, signal);
  if (known !== undefined) return kept.note(now);
  const dropped = await kept.keep(now, await readFiles(stack, path, source));
  source.release();
  const wanted = new Set((await kept.list(name)).flatMap((item) => Object.values(item.images).map(({ tag }) => tag)));
  const unwanted = dropped.flatMap((item) => Object.values(item.images).map(({ tag }) => tag)).filter((tag) => !wanted.has(tag));
  for (const tag of unwanted) await engine.untagImage(tag, signal);
}

/** How the revision came to be trusted; what is known of it where its commit cannot be read any more. */
async function prove(
  revision: string,
  known: KeptRevision | undefined,
  { source, store }: KeepPorts,
): Promise<Proof | undefined> {
  const accepted = readAccepted(store)?.tip;
  // An older one, of a stack that is invalid since, has to be signed itself.
  const tip = accepted?.revision === revision ? accepted : { revision, ref: "" };
  const same = known?.revision === revision ? known.proof : undefined;
  return same ?? (await source.prove(tip).catch(() => undefined));
}

/** Forgets what was kept of a stack that is gone. What cannot be forgotten is only disk space. */
export async function forgetKept(
  stack: string,
  { kept, engine }: Pick<KeepPorts, "kept" | "engine">,
  signal: AbortSignal,
): Promise<void> {
  const forgotten = await kept.remove(stack).catch(() => []);
  const tags = new Set(forgotten.flatMap(({ images }) => Object.values(images).map(({ tag }) => tag)));
  for (const tag of tags) await engine.untagImage(tag, signal).catch(() => undefined);
}

async function readFiles(stack: DesiredStack, path: string, source: Source): Promise<CommittedFile[]> {
  const files = new Map<string, { readonly oid: string; readonly executable: boolean }>();
  const documents = await source.readTree(stack.revision, path);
  for (const file of documents?.files ?? []) {
    if (!DOCUMENTS.test(file.path) || !file.mode.startsWith("100")) continue;
    files.set(join(path, file.path), { oid: file.oid, executable: false });
  }
  for (const { path: below, oid, executable } of stack.files) files.set(join(stack.root, below), { oid, executable });
  const committed: CommittedFile[] = [];
  for (const [full, { oid, executable }] of files)
    committed.push({ path: full, executable, content: await source.readBlob(oid) });
  return committed;
}

async function describeImages(
  stack: DesiredStack,
  containers: readonly ObservedContainer[],
  images: readonly ObservedImage[],
  known: KeptRevision | undefined,
): Promise<Record<string, KeptImage>> {
  const described = stack.services.flatMap((service): [string, KeptImage][] => {
    const own = containers.filter((item) => item.project === stack.name && item.service === service.name && !item.oneOff);
    const id = own[0]?.imageId;
    const image = images.find((item) => item.id === id);
    // A one-shot whose container is gone: what is known of it stays.
    if (id === undefined || image === undefined) return entry(service.name, known?.images[service.name]);
    const reference = known?.images[service.name]?.reference ?? service.image;
    const digest = findDigest(reference, image.digests);
    const tag = `holdfast/${stack.name}-${service.name}:kept-${id.replace("sha256:", "").slice(0, 12)}`;
    return entry(service.name, { reference, id, tag, ...(digest === undefined ? {} : { digest }) });
  });
  return Object.fromEntries(described);
}

function entry(name: string, image: KeptImage | undefined): [string, KeptImage][] {
  return image === undefined ? [] : [[name, image]];
}

function join(directory: string, path: string): string {
  return directory === "" ? path : `${directory}/${path}`;
}
