import type { DesiredService, DesiredStack } from "../model/desired.ts";
import type { Drift, DriftKind } from "../model/drift.ts";
import type { EditedFile, ObservedContainer, ObservedImage } from "../model/observed.ts";
import type { Cause, Step, StepOf } from "../model/plan.ts";
import type { Delivered } from "./alerts/deliveries.ts";
import { type Delivery, isDelivery, planDeliveries } from "./alerts/plan-deliveries.ts";
import { findImage } from "./desire/find-image.ts";
import { findLeftovers } from "./find-leftovers.ts";
import { orderRenames } from "./order-renames.ts";
import { findReached, orderServices } from "./order-services.ts";
import { planContainer } from "./plan-container.ts";
import { findPutBack, planPlace } from "./plan-place.ts";

export interface StackPlanRequest {
  readonly stack: DesiredStack;
  /** Drift of this stack that is to be healed. */
  readonly drift: readonly Drift[];
  readonly containers: readonly ObservedContainer[];
  /** Undefined when nobody needed to ask; then every image counts as present. */
  readonly images?: readonly ObservedImage[];
  /** Object ids by path of the files that were placed, as `fileKey` spells them. */
  readonly placed: Readonly<Record<string, string>>;
  /** Placed files that are not as they were placed. */
  readonly files?: readonly EditedFile[];
  /** What the services were given of their files. */
  readonly delivered?: Delivered;
}

/** Kinds that Compose heals by replacing the service's containers, and those that it heals by creating what is missing. */
const RECREATED: readonly DriftKind[] = ["definition", "files", "image-local", "image-moved"];
const CREATED: readonly DriftKind[] = ["service-missing", "replicas"];

/** The steps that heal one stack, in the order in which they are taken: nothing is removed before its successor's image is here. */
export function planStack(request: StackPlanRequest): Step[] {
  const place = planPlace(request);
  const ups = planUps(request);
  const pulls = planPulls(request, ups);
  const removals = planRemovals(request);
  return orderRenames([...pulls, ...place, ...removals, ...addRestarts(ups, planRestarts(request, ups))]);
}

/** Whether the services that this drift concerns get new containers, so that their images must be here. */
export function needsImages(drift: readonly Drift[]): boolean {
  return drift.some((item) => item.mode === "heal" && (createsContainers(item) || item.kind === "files-edited"));
}

function createsContainers(drift: Drift): boolean {
  return replacesContainers(drift) || CREATED.includes(drift.kind);
}

function replacesContainers(drift: Drift): boolean {
  return RECREATED.includes(drift.kind) || drift.remedy?.action === "recreate";
}

interface ServiceSteps {
  readonly service: DesiredService;
  /** Set when the service's containers are created or replaced. */
  readonly creates: boolean;
  readonly steps: readonly Step[];
}

function planUps(request: StackPlanRequest): ServiceSteps[] {
  const { stack, drift, delivered = {} } = request;
  const deliveries = planDeliveries({ ...request, delivered, edited: findPutBack(request) });
  const of = (service: DesiredService): readonly Drift[] =>
    drift.filter((item) => item.service === service.name && !isDelivery(item));
  const isReplaced = (service: DesiredService): boolean =>
    of(service).some(createsContainers) || deliveries.get(service.name)?.recreate === true;
  const replaced = new Set(stack.services.filter(isReplaced).map((service) => service.name));
  const reached = findReached(stack.services, replaced);
  return orderServices(stack.services).flatMap((service) => {
    const items = reached.recreate.has(service.name) ? [...of(service), describeReached(service, stack)] : of(service);
    const delivery = deliveries.get(service.name);
    return items.length === 0 && delivery === undefined ? [] : [planService(service, items, delivery, request)];
  });
}

function describeReached(service: DesiredService, stack: DesiredStack): Drift {
  const cause = `service ${service.name} lives in a container of ${service.sharesWith.join(", ")} that is replaced`;
  return {
    stack: stack.name,
    kind: "definition",
    mode: "heal",
    origin: "host",
    service: service.name,
    expected: "recreated",
    actual: "running",
    cause,
  };
}

function planService(
  service: DesiredService,
  drift: readonly Drift[],
  delivery: Delivery | undefined,
  request: StackPlanRequest,
): ServiceSteps {
  const { name: stack, services } = request.stack;
  // What should have no container is not waited for: neither does Compose.
  const none = new Set(services.filter((other) => other.replicas === 0).map((other) => other.name));
  const after = [
    ...service.dependencies.filter((dependency) => !none.has(dependency.service)),
    ...service.sharesWith.map((name) => ({
      service: name,
      condition: "service_started" as const,
      required: true,
      restart: false,
    })),
  ];
  const recreate = delivery?.recreate === true || drift.some(replacesContainers);
  const steps = drift.flatMap((item) => planContainer(item, stack, after));
  // Compose starts what does not run itself, but fails at a replica that is paused or that a network which is gone keeps from
  // starting, and at a name that another replica has.
  const mends = steps.filter((step) => step.action !== "start");
  const tell = recreate ? [] : (delivery?.steps ?? []);
  if (recreate || drift.some(createsContainers)) {
    const causes = [...drift.map(toCause), ...(recreate ? (delivery?.causes ?? []) : [])];
    // Of replicas, Compose would replace only those that differ, and of edited files, limits and networks it knows nothing.
    const unseen = delivery !== undefined || drift.some((item) => item.remedy?.action === "recreate");
    const force = recreate && unseen ? { force: true as const } : {};
    const up: Step = { action: "up", stack, causes, after, services: [service.name], recreate, ...force };
    return { service, creates: true, steps: [...removeLeftovers(service, request), ...mends, ...tell, up] };
  }
  // A program that has just been started may not be ready for a signal yet, and has read its files anyway.
  return { service, creates: false, steps: [...mends, ...tell, ...steps.filter((step) => step.action === "start")] };
}

function removeLeftovers(service: DesiredService, { stack, containers }: StackPlanRequest): Step[] {
  return findLeftovers(stack.name, service.name, containers).map(({ id, name }) => {
    const text = `container ${name} was left by a replacement that was interrupted`;
    const causes: Cause[] = [{ kind: "replicas", text }];
    return { action: "remove", stack: stack.name, causes, after: [], container: name, containerId: id };
  });
}

function planPulls({ stack, images, drift }: StackPlanRequest, ups: readonly ServiceSteps[]): Step[] {
  if (images === undefined) return [];
  const wanted = new Map<string, { readonly services: string[]; readonly refresh: boolean }>();
  const moved = new Set(drift.filter((item) => item.kind === "image-moved").map((item) => item.service));
  for (const { service, creates } of ups) {
    const refresh = moved.has(service.name);
    if (!creates || (findImage(images, service.image) && !refresh)) continue;
    const known = wanted.get(service.image);
    wanted.set(service.image, {
      services: [...(known?.services ?? []), service.name],
      refresh: refresh || (known?.refresh ?? false),
    });
  }
  return [...wanted].map(([image, { services, refresh }]) => {
    const missing: Cause = { kind: "image-missing", text: `image ${image} is not on this host` };
    const newer: Cause = { kind: "image-moved", text: `${image} names another image in its registry` };
    return { action: "pull", stack: stack.name, causes: [refresh ? newer : missing], after: [], image, services, refresh };
  });
}

function planRemovals({ stack, drift }: StackPlanRequest): Step[] {
  return drift.flatMap((item): Step[] => {
    if (item.kind !== "orphan" || item.container === undefined || item.containerId === undefined) return [];
    return [
      {
        action: "remove",
        stack: stack.name,
        causes: [toCause(item)],
        after: [],
        container: item.container,
        containerId: item.containerId,
      },
    ];
  });
}

// That something was replaced is only known in the plan that replaces it. So a restart comes before the first step that may
// have to wait, and waits for nothing itself: what is left after a wait is planned afresh, without it.
function addRestarts(ups: readonly ServiceSteps[], restarts: readonly Restart[]): Step[] {
  const steps: Step[] = [];
  const done = new Set<string>();
  const replaced = new Set<string>();
  const flush = (): void => {
    for (const restart of restarts.filter(({ on, step }) => !done.has(step.service) && on.some((name) => replaced.has(name)))) {
      steps.push(restart.step);
      done.add(restart.step.service);
    }
  };
  for (const up of ups) {
    if (up.steps.some((step) => step.after.some((dependency) => dependency.condition !== "service_started"))) flush();
    steps.push(...up.steps);
    if (up.creates) replaced.add(up.service.name);
  }
  flush();
  return steps;
}

interface Restart {
  /** The replaced services that it follows. */
  readonly on: readonly string[];
  readonly step: StepOf<"restart">;
}

function planRestarts({ stack, containers }: StackPlanRequest, ups: readonly ServiceSteps[]): Restart[] {
  const replaced = new Set(ups.filter((up) => up.creates).map((up) => up.service.name));
  const { restart } = findReached(stack.services, replaced);
  const own = new Set(ups.filter((up) => up.steps.some((step) => step.action === "restart")).map((up) => up.service.name));
  const running = (service: string): boolean =>
    containers.some(
      (container) => container.project === stack.name && container.service === service && container.state === "running",
    );
  return stack.services
    .filter((service) => restart.has(service.name) && !own.has(service.name) && running(service.name))
    .map((service) => {
      const on = service.dependencies
        .filter((dependency) => dependency.restart && replaced.has(dependency.service))
        .map((dependency) => dependency.service);
      const text = `${on.join(", ")} is replaced, and ${service.name} asks to be restarted with it`;
      const causes: Cause[] = [{ kind: "dependency-replaced", text }];
      return { on, step: { action: "restart", stack: stack.name, causes, after: [], service: service.name } };
    });
}

function toCause(drift: Drift): Cause {
  return { kind: drift.kind, text: drift.cause };
}
