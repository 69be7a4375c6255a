import type { DesiredService, DesiredStack, OnChange } from "../../model/desired.ts";

/**
 * What each service was last given of its files, by service and path: the file's key, or `edited` when somebody changed the file
 * on the host and it was put back since. Files that a service's digest covers stand here only while they are `edited`.
 */
export type Delivered = Readonly<Record<string, Readonly<Record<string, string>>>>;

const EDITED = "edited";

/** A file that the containers of a service do not have yet as it is now. */
export interface Undelivered {
  readonly path: string;
  /** Somebody changed it on the host, rather than in the repository. */
  readonly edited: boolean;
  /** How it reaches them; by replacing them where nothing else is said. */
  readonly onChange?: OnChange;
}

/** The files that a service has to be given. A one-shot is given none: it runs again only when its definition changes. */
export function findUndelivered(service: DesiredService, delivered: Delivered): Undelivered[] {
  if (service.oneShot) return [];
  const known = delivered[service.name] ?? {};
  const told = Object.entries(service.onChange ?? {}).flatMap(([path, onChange]): Undelivered[] =>
    known[path] === onChange.key ? [] : [{ path, edited: known[path] === EDITED, onChange }],
  );
  const mounted = Object.keys(service.files)
    .filter((path) => known[path] === EDITED)
    .map((path) => ({ path, edited: true }));
  return [...told, ...mounted].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The record once files that were changed on the host are put back: whoever mounts them has to be given them anew. */
export function markEdited(delivered: Delivered, stack: DesiredStack, paths: readonly string[]): Delivered {
  const services = stack.services.flatMap((service): [string, Record<string, string>][] => {
    const own = service.oneShot ? [] : paths.filter((path) => mounts(service, path));
    if (own.length === 0) return [];
    return [[service.name, { ...delivered[service.name], ...Object.fromEntries(own.map((path) => [path, EDITED])) }]];
  });
  return { ...delivered, ...Object.fromEntries(services) };
}

/** Every placed file of a service with its key, however it reaches it. */
export function filesOf({ files, onChange = {} }: DesiredService): Readonly<Record<string, string>> {
  return { ...files, ...Object.fromEntries(Object.entries(onChange).map(([path, { key }]) => [path, key])) };
}

/** Whether a service gets a placed file at all. */
export function mounts(service: DesiredService, path: string): boolean {
  return service.files[path] !== undefined || service.onChange?.[path] !== undefined;
}

/** The record once the containers of a service were made or replaced: they have everything. */
export function markStarted(delivered: Delivered, stack: DesiredStack, service: string): Delivered {
  return replace(delivered, stack, service, keysOf(stack, service));
}

/** The record once a service was restarted, or told of these files; what only a replacement brings stays to be done. */
export function markTold(delivered: Delivered, stack: DesiredStack, service: string, paths?: readonly string[]): Delivered {
  const keys = Object.entries(keysOf(stack, service)).filter(([path]) => paths?.includes(path) ?? true);
  return replace(delivered, stack, service, { ...delivered[service], ...Object.fromEntries(keys) });
}

function keysOf({ services }: DesiredStack, name: string): Record<string, string> {
  const onChange = services.find((service) => service.name === name)?.onChange ?? {};
  return Object.fromEntries(Object.entries(onChange).map(([path, { key }]) => [path, key]));
}

/** Forgets services and files that the stack no longer has, so that the record cannot grow for ever. */
function replace(delivered: Delivered, stack: DesiredStack, name: string, files: Readonly<Record<string, string>>): Delivered {
  const kept = stack.services.flatMap((service): [string, Record<string, string>][] => {
    const all = Object.entries((service.name === name ? files : delivered[service.name]) ?? {});
    const own = all.filter(([path]) => mounts(service, path));
    return own.length === 0 ? [] : [[service.name, Object.fromEntries(own)]];
  });
  return Object.fromEntries(kept);
}
