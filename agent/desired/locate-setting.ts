import { posix } from "node:path";
import type { Pointer } from "../model/document.ts";
import type { Place } from "../ports/documents.ts";
import { asMapping, type ComposeFile } from "./compose-file.ts";

/**
 * Where a setting of a service stands that the Compose files make together: in the last file that has it, else where the service
 * is declared. `holds`: of a list, the first item that holds this text is meant. Undefined when no file knows the service.
 */
export function locateSetting(files: readonly ComposeFile[], pointer: Pointer, holds?: string): Place | undefined {
  const roles = ["main", "included", "extended"] as const;
  const ordered = roles.flatMap((role) => files.filter((file) => file.role === role).toReversed());
  const [, service = "", ...rest] = pointer;
  const candidates = ordered.flatMap((file) =>
    namesIn(file, String(service), files).map((name) => {
      const depth = measureDepth(file.document.value, ["services", name, ...rest]);
      return { file, depth, path: ["services", name, ...rest].slice(0, depth) };
    }),
  );
  const [best] = candidates.filter(({ depth }) => depth >= 2).toSorted((a, b) => b.depth - a.depth);
  if (best === undefined) return undefined;
  const { document } = best.file;
  // A service alone is pointed at by its name: its value begins a line below.
  if (best.path.length === 2) return { path: document.path, ...document.locateKey(best.path) };
  const item = holds === undefined ? undefined : findItem(document.value, best.path, holds);
  return { path: document.path, ...document.locate(item === undefined ? best.path : [...best.path, item]) };
}

/** The names of services whose definition in a file takes part in that of a service. */
function namesIn(file: ComposeFile, service: string, files: readonly ComposeFile[]): string[] {
  if (file.role !== "extended") return [service];
  return files.flatMap((from) =>
    Object.values(asMapping(asMapping(from.document.value)["services"])).flatMap((definition) => {
      const { file: path, service: name } = asMapping(asMapping(definition)["extends"]);
      const isThis = typeof path === "string" && posix.join(from.directory, path) === file.path;
      return isThis && typeof name === "string" ? [name] : [];
    }),
  );
}

/** How much of a pointer leads somewhere. */
function measureDepth(value: unknown, pointer: Pointer): number {
  let current = value;
  for (const [index, segment] of pointer.entries()) {
    const next = Array.isArray(current) ? current[Number(segment)] : asMapping(current)[String(segment)];
    if (next === undefined) return index;
    current = next;
  }
  return pointer.length;
}

function findItem(value: unknown, pointer: Pointer, holds: string): number | undefined {
  const list = pointer.reduce<unknown>((current, segment) => asMapping(current)[String(segment)], value);
  if (!Array.isArray(list)) return undefined;
  const isEnd = new RegExp(`(^|[^\\w])${holds.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}($|[^\\w])`);
  const index = list.findIndex((item) =>
    isEnd.test(typeof item === "object" ? Object.values(asMapping(item)).join(" ") : String(item)),
  );
  return index < 0 ? undefined : index;
}
