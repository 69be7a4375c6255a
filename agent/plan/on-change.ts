import type { DesiredFile, DesiredService, OnChange } from "../model/desired.ts";
import type { TreeFile } from "../model/tree.ts";
import { fileKey } from "./desire/file-key.ts";
import type { Mount } from "./drift/find-mounts.ts";

/** An entry of `onChange`, with the files that its patterns match. */
export interface ChangeRule {
  readonly service: string;
  /** Below the stack's root. */
  readonly paths: ReadonlySet<string>;
  readonly action: "recreate" | "restart" | "signal";
  /** With `signal`, without `SIG`. */
  readonly signal?: string;
}

/** The files of a service that reach it without its containers being replaced; of several rules for a file the last one holds. */
export function chooseOnChange(
  service: string,
  mounts: readonly Mount[],
  rules: readonly ChangeRule[],
): Readonly<Record<string, OnChange>> {
  const own = rules.filter((rule) => rule.service === service);
  const chosen = mounts.flatMap((mount): [string, OnChange][] => {
    const rule = own.findLast(({ paths }) => paths.has(mount.path));
    const key = fileKey(mount);
    if (rule?.action === "restart") return [[mount.path, { action: "restart", key }]];
    if (rule?.action === "signal" && rule.signal !== undefined)
      return [[mount.path, { action: "signal", signal: rule.signal, key }]];
    return [];
  });
  return Object.fromEntries(chosen);
}

/** The files that are placed, with what their mounts say of how. */
export function describePlaced(
  files: readonly TreeFile[],
  services: readonly { readonly service: DesiredService; readonly mounts: readonly Mount[] }[],
): DesiredFile[] {
  const byPath = Map.groupBy(
    services.flatMap(({ service, mounts }) => mounts.map((mount) => ({ mount, action: service.onChange?.[mount.path]?.action }))),
    ({ mount }) => mount.path,
  );
  return files.map(({ path, oid, mode }) => {
    const uses = byPath.get(path) ?? [];
    return {
      ...{ path, oid, executable: mode === "100755" },
      ...(uses.some(({ mount }) => mount.writable) ? { writable: true } : {}),
      ...(uses.some(({ mount, action }) => mount.single && action === "signal") ? { inPlace: true } : {}),
      ...(uses.some(({ mount }) => mount.secret) ? { secret: true } : {}),
    };
  });
}
