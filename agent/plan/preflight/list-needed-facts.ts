import type { FactsRequest } from "../../model/machine.ts";
import type { HostNeeds } from "../../model/preflight.ts";
import { asObject, asString } from "../desire/json.ts";
import { listBinds } from "./check-binds.ts";
import { GPU_HOOK, reservesGpu } from "./check-gpus.ts";
import { listPublished } from "./list-published.ts";

export interface NeededFacts {
  readonly machine: FactsRequest;
  /** References of the images whose platform matters. */
  readonly images: readonly string[];
}

/** What has to be found out of a host before `checkRequirements` can judge it, and nothing else. */
export function listNeededFacts(needs: HostNeeds): NeededFacts {
  const { stacks } = needs;
  const requires = [needs.requires ?? {}, ...stacks.map((stack) => stack.requires ?? {})];
  const services = stacks.flatMap(({ model }) => Object.values(asObject(model["services"])).map(asObject));
  return {
    machine: {
      paths: unique([
        ...requires.flatMap(({ disk = [] }) => disk.map(({ path }) => path)),
        ...stacks.flatMap((stack) => listBinds(stack).map(({ source }) => source)),
      ]),
      commands: unique([...requires.flatMap(({ commands = [] }) => commands), ...(services.some(reservesGpu) ? [GPU_HOOK] : [])]),
      ports: unique(stacks.flatMap(({ name, model }) => listPublished(name, model).map(({ port }) => port))),
      gpus: requires.some(({ gpu }) => gpu !== undefined),
    },
    images: unique(services.flatMap(({ image }) => asString(image) ?? [])),
  };
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
