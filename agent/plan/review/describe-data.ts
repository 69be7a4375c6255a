import type { DesiredStack } from "../../model/desired.ts";
import { listMounts, listRedefinedVolumes, type Mount } from "./list-mounts.ts";

export interface DataRequest {
  readonly before: DesiredStack | undefined;
  readonly after: DesiredStack | undefined;
  /** Absolute directory in which the stack's files are placed. */
  readonly root: string;
}

/** What a change of a stack means for volumes and paths that hold data: one line each. Nothing of it is ever deleted. */
export function describeData({ before, after, root }: DataRequest): string[] {
  const [old, now] = [before === undefined ? [] : listMounts(before, root), after === undefined ? [] : listMounts(after, root)];
  const isSame = (a: Mount, b: Mount): boolean => a.service === b.service && a.kind === b.kind && a.source === b.source;
  const left = old.filter((mount) => !now.some((other) => isSame(mount, other)));
  const come = before === undefined ? [] : now.filter((mount) => !old.some((other) => isSame(mount, other)));
  const kept = now.filter((mount) => !mount.isReadOnly && old.some((other) => isSame(mount, other)));
  const isUsed = (mount: Mount): boolean => now.some((other) => other.kind === mount.kind && other.source === mount.source);
  const lines = [
    ...left.map(
      (mount) => `${name(mount)} is no longer mounted by ${mount.service}${isUsed(mount) ? "" : "; it stays, with its data"}`,
    ),
    ...come.map((mount) => `${name(mount)} is now mounted by ${mount.service} at ${mount.target}`),
    ...kept.flatMap((mount) => describeOpened(mount, before, after)),
    ...listRedefinedVolumes(before?.model ?? {}, after?.model ?? {}).map(
      (volume) => `volume ${volume} is defined in another way; an existing one stays as it is`,
    ),
  ];
  return [...new Set(lines)];
}

/** A new image may bring data forward, and an older one may not be able to read it. */
function describeOpened(mount: Mount, before: DesiredStack | undefined, after: DesiredStack | undefined): string[] {
  const image = (stack: DesiredStack | undefined) => stack?.services.find((service) => service.name === mount.service)?.image;
  const [old, now] = [image(before), image(after)];
  return old === now ? [] : [`${name(mount)} is opened by ${now} instead of ${old}`];
}

function name({ kind, source }: Mount): string {
  return `${kind} ${source}`;
}
