import type { DesiredStack } from "../../model/desired.ts";
import { type AppliedStack, describeServices } from "../../plan/applied-stack.ts";
import { nameTool } from "../../plan/desire/digest-service.ts";
import { findData } from "../../plan/remaining-data.ts";
import type { Store } from "../../ports.ts";
import { keys } from "../store-keys.ts";

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
  const tool = nameTool(stack.composeVersion);
  const same = known?.inputs === stack.inputs && known.revision === stack.revision && known.tool === tool;
  if (same && known.attempted === undefined) return;
  // A new revision starts with a clean slate: what fought the old one need not fight it.
  if (known?.revision !== stack.revision && store.read(keys.heal(stack.name)) !== undefined) store.remove(keys.heal(stack.name));
  const { inputs, revision, dependsOn } = stack;
  const data = findData(stack);
  store.write(key, { inputs, revision, tool, services: describeServices(stack), dependsOn, data } satisfies AppliedStack);
}
