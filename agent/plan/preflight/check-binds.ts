import type { HostFound, HostNeeds, PreflightFinding, StackNeeds } from "../../model/preflight.ts";
import { asArray, asObject, asString } from "../desire/json.ts";

/** A path of the host that a service mounts. */
export interface Bind {
  readonly service: string;
  /** Absolute. */
  readonly source: string;
  /** Whether the engine makes a missing one, as an empty directory of root's; it refuses to start the container otherwise. */
  readonly isMade: boolean;
}

/** From this version on, Compose leaves out of a rendered model that a missing path is made, and says where it is not. */
const MADE_BY_DEFAULT_SINCE = 5;

/** The paths outside of its own files that a stack mounts. */
export function listBinds({ model, root, composeVersion }: StackNeeds): Bind[] {
  const byDefault = Number.parseInt(composeVersion.replace(/^v/, ""), 10) >= MADE_BY_DEFAULT_SINCE;
  return Object.entries(asObject(model["services"])).flatMap(([service, definition]) =>
    asArray(asObject(definition)["volumes"]).flatMap((entry): Bind[] => {
      const volume = asObject(entry);
      const source = asString(volume["source"]) ?? "";
      if (volume["type"] !== "bind" || !source.startsWith("/") || isBelow(source, root)) return [];
      const made = asObject(volume["bind"])["create_host_path"];
      return [{ service, source, isMade: typeof made === "boolean" ? made : byDefault }];
    }),
  );
}

/** Mounted paths that are not there. */
export function checkBinds({ requires, stacks }: HostNeeds, { machine }: HostFound): PreflightFinding[] {
  return stacks.flatMap((stack) => {
    const storage = [...(requires?.disk ?? []), ...(stack.requires?.disk ?? [])];
    return listBinds(stack).flatMap(({ service, source, isMade }): PreflightFinding[] => {
      const facts = machine.paths[source];
      if (facts?.empty && facts.uid === 0 && looksLikeFile(source)) return [describeMadeByDocker(stack.name, service, source)];
      if (facts?.kind !== "missing") return [];
      // What is below a directory that the host provides for data is data, which the engine makes as containers need it.
      const isData = isMade && storage.some(({ path }) => isBelow(source, path));
      if (isData || storage.some(({ path, create }) => path === source && create === true)) return [];
      return [
        {
          kind: "bind",
          what: `${source} of ${service}`,
          expected: "a file or directory",
          actual: isMade
            ? "nothing, and Docker would make an empty directory of root's"
            : "nothing, and Docker refuses to start the container",
          fix: looksLikeFile(source)
            ? `put the file there, or correct the path`
            : `make it with the owner that ${service} needs, or list it in \`requires.disk\` with \`create: true\``,
          stack: stack.name,
          severity: isMade ? "warning" : "error",
        },
      ];
    });
  });
}

/** Docker makes an empty directory of root's where a file was missing, and a container that wants the file then fails in its own words. */
function describeMadeByDocker(stack: string, service: string, source: string): PreflightFinding {
  return {
    ...{ kind: "bind", what: `${source} of ${service}`, expected: "a file", stack, severity: "warning" },
    actual: "an empty directory, as Docker makes one where a file is missing",
    fix: `\`rmdir ${source}\` and put the file there, or correct the path`,
  };
}

function looksLikeFile(path: string): boolean {
  return /\.[a-z]{2,5}$/i.test(path) && !/\.d$/.test(path);
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
