import type { DesiredService, DesiredStack, OnChange } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { EditedFile, ObservedContainer } from "../../model/observed.ts";
import type { Cause, Step } from "../../model/plan.ts";
import { explainEdit } from "../drift/detect-files.ts";
import { decideDriftMode } from "../drift/drift-policy.ts";
import { type Delivered, findUndelivered, mounts, type Undelivered } from "./deliveries.ts";

export interface DeliveryRequest {
  readonly stack: DesiredStack;
  /** Drift of this stack that is to be healed. */
  readonly drift: readonly Drift[];
  readonly containers: readonly ObservedContainer[];
  readonly delivered: Delivered;
  /** Placed files that this plan puts back. */
  readonly edited: readonly EditedFile[];
}

/** How a service is given the files that it does not have. */
export interface Delivery {
  readonly causes: readonly Cause[];
  /** Its containers are replaced although their digest is right; then there are no steps of its own. */
  readonly recreate: boolean;
  /** A restart, or signals. */
  readonly steps: readonly Step[];
}

/** How many edited files a service's steps name. */
const NAMED_FILES = 5;

/** Services that have to be given files, by name. */
export function planDeliveries(request: DeliveryRequest): ReadonlyMap<string, Delivery> {
  return new Map(
    request.stack.services.flatMap((service): [string, Delivery][] => {
      const delivery = planDelivery(service, request);
      return delivery === undefined ? [] : [[service.name, delivery]];
    }),
  );
}

/** Whether drift is that of files which a service has to be given, its containers being those that they should be. */
export function isDelivery(drift: Drift): boolean {
  return drift.kind === "files" && drift.container === undefined;
}

function planDelivery(service: DesiredService, request: DeliveryRequest): Delivery | undefined {
  const { stack, drift, containers, delivered } = request;
  const own = containers.filter(
    ({ project, service: name, oneOff }) => project === stack.name && name === service.name && !oneOff,
  );
  if (own.length === 0 || service.oneShot) return undefined;
  const found = drift.find((item) => isDelivery(item) && item.service === service.name);
  const known = found === undefined ? [] : findUndelivered(service, delivered);
  const heals = decideDriftMode("files", stack.drift) === "heal";
  const edited = heals ? request.edited.filter(({ path }) => mounts(service, path)) : [];
  const causes: Cause[] = [...(found === undefined ? [] : [{ kind: found.kind, text: found.cause }]), ...nameEdits(edited)];
  if (causes.length === 0) return undefined;
  const files = new Map(known.map((file) => [file.path, file]));
  for (const { path } of edited) files.set(path, describeUndelivered(path, service.onChange?.[path]));
  const all = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (all.some(({ onChange }) => onChange === undefined)) return { causes, recreate: true, steps: [] };
  return { causes, recreate: false, steps: canBeTold(own, drift) ? tell(service.name, stack.name, all, causes) : [] };
}

function describeUndelivered(path: string, onChange: OnChange | undefined): Undelivered {
  return { path, edited: true, ...(onChange === undefined ? {} : { onChange }) };
}

function nameEdits(edited: readonly EditedFile[]): Cause[] {
  const texts = edited.slice(0, NAMED_FILES).map(explainEdit);
  if (edited.length > NAMED_FILES) texts.push(`${edited.length - NAMED_FILES} more of its files were changed by hand`);
  return texts.map((text) => ({ kind: "files-edited", text }));
}

// A process that stands still is told nothing, and one that is about to be started reads its files then.
function canBeTold(own: readonly ObservedContainer[], drift: readonly Drift[]): boolean {
  const thaws = (id: string): boolean => drift.some(({ kind, containerId }) => kind === "paused" && containerId === id);
  const frozen = own.some(({ state, id }) => state === "paused" && !thaws(id));
  return !frozen && own.some(({ state }) => state === "running" || state === "paused");
}

/** A restart brings everything; otherwise each signal is sent once. */
function tell(service: string, stack: string, files: readonly Undelivered[], causes: readonly Cause[]): Step[] {
  const about = { stack, causes, after: [], service };
  if (files.some(({ onChange }) => onChange?.action === "restart"))
    return [{ action: "restart", ...about, files: files.map(({ path }) => path) }];
  const bySignal = Map.groupBy(files, ({ onChange }) => (onChange?.action === "signal" ? onChange.signal : ""));
  return [...bySignal]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([signal, own]) => ({ action: "signal", ...about, signal, files: own.map(({ path }) => path) }));
}
