import type { DesiredService } from "../model/desired.ts";
import { orderByDependency } from "./order-stacks.ts";

/** Services in an order in which each comes after what it depends on or lives in. */
export function orderServices(services: readonly DesiredService[]): DesiredService[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const order = orderByDependency(services.map((service) => ({ name: service.name, dependsOn: namesNeeded(service) })));
  return order.map((name) => byName.get(name)).filter((service) => service !== undefined);
}

/** Services that a replacement of `replaced` reaches: those that live in one of its namespaces, and those that asked for it. */
export function findReached(
  services: readonly DesiredService[],
  replaced: ReadonlySet<string>,
): { recreate: Set<string>; restart: Set<string> } {
  const recreate = new Set<string>();
  const restart = new Set<string>();
  for (const service of orderServices(services)) {
    if (replaced.has(service.name)) continue;
    const gone = (name: string): boolean => replaced.has(name) || recreate.has(name);
    if (service.sharesWith.some(gone)) recreate.add(service.name);
    else if (service.dependencies.some((dependency) => dependency.restart && gone(dependency.service))) restart.add(service.name);
  }
  return { recreate, restart };
}

/** Every service that one depends on, directly or because it lives in its namespaces. */
function namesNeeded(service: DesiredService): string[] {
  return [...service.dependencies.map((dependency) => dependency.service), ...service.sharesWith];
}
