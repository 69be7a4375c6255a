import type { JsonObject } from "../../model/desired.ts";
import type { HostFound, HostNeeds, PreflightFinding } from "../../model/preflight.ts";
import { asObject, asString } from "../desire/json.ts";

/** Networks and volumes that stacks expect to be there, are not, and will not be made by another stack. */
export function checkNames({ stacks }: HostNeeds, { usage }: HostFound): PreflightFinding[] {
  if (usage === undefined) return [];
  return (["networks", "volumes"] as const).flatMap((group) => {
    const there = new Set([...usage[group], ...stacks.flatMap(({ model }) => namesOf(model, group, false))]);
    const kind = group === "networks" ? "network" : "volume";
    return stacks.flatMap(({ name: stack, model }) =>
      namesOf(model, group, true)
        .filter((name) => !there.has(name))
        .map(
          (name): PreflightFinding => ({
            ...{ kind, what: `${kind} ${name}`, expected: `an external ${kind} of that name`, actual: "none" },
            ...{
              fix: `\`docker ${kind} create ${name}\`, or let the stack that makes it run on this host`,
              stack,
              severity: "error",
            },
          }),
        ),
    );
  });
}

function namesOf(model: JsonObject, group: "networks" | "volumes", external: boolean): string[] {
  return Object.entries(asObject(model[group]))
    .map(([key, value]) => ({ key, definition: asObject(value) }))
    .filter(({ definition }) => (definition["external"] === true) === external)
    .map(({ key, definition }) => asString(definition["name"]) ?? key);
}
