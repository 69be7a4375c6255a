import type { DesiredService, DesiredStack } from "../model/desired.ts";
import type { ObservedContainer } from "../model/observed.ts";

/** Digests by service of the one-shots that have done their work. */
export type Finished = Readonly<Record<string, string>>;

/** What is known of finished one-shots after one more look: those whose container has exited 0 with the digest that is desired. */
export function noteFinished(stack: DesiredStack, containers: readonly ObservedContainer[], known: Finished): Finished {
  const seen = stack.services.filter(
    (service) =>
      service.oneShot &&
      of(stack, service, containers).some(
        (container) => container.state === "exited" && container.exitCode === 0 && container.digest === service.digest,
      ),
  );
  return { ...known, ...Object.fromEntries(seen.map((service) => [service.name, service.digest])) };
}

/**
 * The stack without the one-shots that have finished and whose container is gone (`docker container prune` takes it): they
 * run again only when their definition changes, so none is missing and nobody waits for them.
 */
export function restFinished(stack: DesiredStack, containers: readonly ObservedContainer[], finished: Finished): DesiredStack {
  const rests = (service: DesiredService): boolean =>
    service.oneShot && finished[service.name] === service.digest && of(stack, service, containers).length === 0;
  return stack.services.some(rests)
    ? { ...stack, services: stack.services.map((service) => (rests(service) ? { ...service, replicas: 0 } : service)) }
    : stack;
}

function of(stack: DesiredStack, service: DesiredService, containers: readonly ObservedContainer[]): ObservedContainer[] {
  return containers.filter(
    (container) => container.project === stack.name && container.service === service.name && !container.oneOff,
  );
}
