import type { DesiredStack, Json } from "../../model/desired.ts";
import { canonicalJson } from "../desire/digest-service.ts";

/** What of a stack differs that makes no container another: names of settings, `depends_on of web`. */
export function compareSettings(before: DesiredStack | undefined, after: DesiredStack | undefined): string[] {
  if (before === undefined || after === undefined) return [];
  const settings: readonly (readonly [string, (stack: DesiredStack) => unknown])[] = [
    ["dependsOn", ({ dependsOn }) => dependsOn],
    ["adopt", ({ adopt }) => adopt],
    ["verify.timeout", ({ verifyTimeoutMs }) => verifyTimeoutMs],
    ["rollback", ({ rollback }) => rollback],
    ["hooks", ({ hooks }) => hooks],
    ["drift", ({ drift }) => drift],
  ];
  const changed = settings.filter(([, read]) => text(read(before)) !== text(read(after))).map(([name]) => name);
  const services = after.services.flatMap(({ name, dependencies, oneShot }) => {
    const old = before.services.find((service) => service.name === name);
    if (old === undefined) return [];
    return [
      ...(text(old.dependencies) === text(dependencies) ? [] : [`depends_on of ${name}`]),
      ...(old.oneShot === oneShot ? [] : [`${name} is ${oneShot ? "now" : "no longer"} a one-shot`]),
    ];
  });
  return [...changed, ...services];
}

function text(value: unknown): string {
  return canonicalJson(value as Json);
}
