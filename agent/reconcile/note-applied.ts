import type { DesiredService, DesiredStack } from "../model/desired.ts";
import type { AppliedService, AppliedStack } from "../plan/applied-stack.ts";
import { filesOf } from "../plan/deliveries.ts";
import type { Store } from "../ports.ts";
import { keys } from "./store-keys.ts";

/** Keeps that a change of a stack has begun, so that taking the change back is a change again and no drift of the host's. */
export function noteAttempt(stack: DesiredStack, store: Store): void {
  const known = store.read<AppliedStack>(keys.applied(stack.name));
  if (known === undefined || known.inputs === stack.inputs) return;
  const attempted = { ...known.attempted, ...describeServices(stack) };
  if (JSON.stringify(known.attempted) !== JSON.stringify(attempted))
    store.write(keys.applied(stack.name), { ...known, attempted });
}

/** Keeps what a stack was brought to. */
export function noteApplied(stack: DesiredStack, store: Store): void {
  const key = keys.applied(stack.name);
  const known = store.read<AppliedStack>(key);
  if (known?.inputs === stack.inputs && known.revision === stack.revision && known.attempted === undefined) return;
  // A new revision starts with a clean slate: what fought the old one need not fight it.
  if (known?.revision !== stack.revision && store.read(keys.heal(stack.name)) !== undefined) store.remove(keys.heal(stack.name));
  store.write(key, { inputs: stack.inputs, revision: stack.revision, services: describeServices(stack) } satisfies AppliedStack);
}

function describeServices(stack: DesiredStack): Record<string, AppliedService> {
  const describe = (service: DesiredService): AppliedService => {
    const { digest, fields } = service;
    return { digest, fields, files: filesOf(service) };
  };
  return Object.fromEntries(stack.services.map((service) => [service.name, describe(service)]));
}
