import type { DesiredStack } from "../model/desired.ts";
import type { ObservedVolume } from "../model/observed.ts";
import type { Leftover } from "../model/plan.ts";
import type { StackData } from "./applied-stack.ts";
import { asArray, asObject, asString } from "./desire/json.ts";

/** Where a stack keeps data: its own named volumes, and the paths of the host that its containers may write. */
export function findData({ model }: Pick<DesiredStack, "model">): StackData {
  const volumes = Object.entries(asObject(model["volumes"]))
    .filter(([, definition]) => asObject(definition)["external"] !== true)
    .map(([key, definition]) => asString(asObject(definition)["name"]) ?? `${asString(model["name"]) ?? ""}_${key}`);
  const paths = Object.values(asObject(model["services"])).flatMap((service) =>
    asArray(asObject(service)["volumes"])
      .map(asObject)
      .filter(({ type, read_only: readOnly }) => type === "bind" && readOnly !== true)
      .flatMap(({ source }) => asString(source) ?? [])
      .filter((source) => !/^\/(dev|proc|sys|run|var\/run)(\/|$)/.test(source)),
  );
  return { volumes: [...new Set(volumes)].sort(), paths: [...new Set(paths)].sort() };
}

/** What stays of a stack that is removed, and the command that deletes it: nobody but its owner runs that. */
export function listRemaining(
  stack: string,
  { volumes, paths }: StackData,
  existing: readonly ObservedVolume[] | undefined,
): Leftover[] {
  const own = (existing ?? []).filter(({ labels }) => labels["com.docker.compose.project"] === stack).map(({ name }) => name);
  const known = volumes.filter((name) => existing === undefined || existing.some((volume) => volume.name === name));
  return [
    ...[...new Set([...own, ...known])]
      .sort()
      .map((name) => ({ what: `volume ${name}`, remedy: `docker volume rm ${quote(name)}` })),
    ...paths.map((path) => ({ what: path, remedy: `rm -r ${quote(path)}` })),
  ];
}

function quote(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
