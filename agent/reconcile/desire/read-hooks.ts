import type { Hook, Json, JsonObject } from "../../model/desired.ts";
import type { Stack } from "../../model/generated/stack.ts";
import { parseDuration } from "../../model/parse-duration.ts";
import { asObject } from "../../plan/desire/json.ts";

const DEFAULT_TIMEOUT_MS = 300_000;

/** The hooks of a stack, in their order. */
export function readHooks(settings: Stack): Hook[] {
  return (["preConverge", "postConverge"] as const).flatMap((phase) =>
    (settings.hooks?.[phase] ?? []).map(({ service, command, timeout }, index) => ({
      ...{ phase, index, service, command },
      timeoutMs: parseDuration(timeout ?? "") ?? DEFAULT_TIMEOUT_MS,
    })),
  );
}

/**
 * Adds the services that only hooks run: those of profiles that are not active. They are part of the model, so that Compose can
 * run them, and have no container of their own.
 */
export async function addHookServices(
  rendered: JsonObject,
  hooks: readonly Hook[],
  renderAll: () => Promise<JsonObject>,
): Promise<JsonObject> {
  const services = asObject(rendered["services"]);
  const missing = new Set(hooks.map(({ service }) => service).filter((name) => services[name] === undefined));
  if (missing.size === 0) return rendered;
  const all = await renderAll();
  const added = Object.entries(asObject(all["services"])).filter(([name]) => missing.has(name));
  const extra = added.map(([name, service]): [string, Json] => [name, withoutContainers(asObject(service))]);
  return {
    ...all,
    ...rendered,
    // What an added service mounts or is attached to is declared only where it is active.
    ...merge("networks", rendered, all),
    ...merge("volumes", rendered, all),
    ...merge("configs", rendered, all),
    ...merge("secrets", rendered, all),
    services: { ...services, ...Object.fromEntries(extra) },
  };
}

function merge(group: string, rendered: JsonObject, all: JsonObject): JsonObject {
  const merged = { ...asObject(all[group]), ...asObject(rendered[group]) };
  return Object.keys(merged).length === 0 ? {} : { [group]: merged };
}

function withoutContainers(service: JsonObject): JsonObject {
  const { scale: _scale, ...rest } = service;
  return { ...rest, deploy: { ...asObject(service["deploy"]), replicas: 0 } };
}
