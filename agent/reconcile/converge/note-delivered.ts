import type { DesiredStack } from "../../model/desired.ts";
import { type Delivered, markEdited, markStarted, markTold } from "../../plan/alerts/deliveries.ts";
import type { Store } from "../../ports.ts";
import { keys } from "../store-keys.ts";

/** What the services of a stack were given of their files. */
export function readDelivered(stack: string, store: Pick<Store, "read">): Delivered {
  return store.read<Delivered>(keys.delivered(stack)) ?? {};
}

/** Keeps that files which somebody changed are put back: before that is done, so that nothing that happens then loses it. */
export function noteEdited(stack: DesiredStack, paths: readonly string[], store: Store): void {
  change(stack, store, (delivered) => markEdited(delivered, stack, paths));
}

/** Keeps that the containers of services were made or replaced, and so have all their files. */
export function noteStarted(stack: DesiredStack, services: readonly string[], store: Store): void {
  change(stack, store, (delivered) => services.reduce((record, service) => markStarted(record, stack, service), delivered));
}

/** Keeps that a service was restarted, or with `paths` that it was told of these files. */
export function noteTold(stack: DesiredStack, service: string, store: Store, paths?: readonly string[]): void {
  change(stack, store, (delivered) => markTold(delivered, stack, service, paths));
}

function change(stack: DesiredStack, store: Store, to: (delivered: Delivered) => Delivered): void {
  const known = readDelivered(stack.name, store);
  const next = to(known);
  if (JSON.stringify(next) === JSON.stringify(known)) return;
  if (Object.keys(next).length === 0) store.remove(keys.delivered(stack.name));
  else store.write(keys.delivered(stack.name), next);
}
