import type { DesiredStack } from "../../model/desired.ts";
import type { HookRecord } from "../../plan/plan-hooks.ts";
import type { Store } from "../../ports.ts";
import { keys } from "../store-keys.ts";

/** Keeps that containers were created or replaced for a stack's inputs: its postConverge hooks are due when it is healthy. */
export function noteChanged(stack: DesiredStack, store: Store): void {
  if (stack.hooks.length === 0) return;
  const record = readRecord(stack, store);
  if (!record.changed) store.write(keys.hooks(stack.name), { ...record, changed: true });
}

/** Keeps that a hook has ended well: it does not run again until the stack's inputs change. */
export function noteHook(stack: DesiredStack, hook: string, store: Store): void {
  const record = readRecord(stack, store);
  store.write(keys.hooks(stack.name), { ...record, done: [...record.done, hook] });
}

function readRecord({ name, inputs }: DesiredStack, store: Store): HookRecord {
  const known = store.read<HookRecord>(keys.hooks(name));
  return known?.inputs === inputs ? known : { inputs, done: [], changed: false };
}
