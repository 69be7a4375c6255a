import type { DesiredHost, DesiredService, DesiredStack, ServiceDependency } from "../../agent/model/desired.ts";
import type { Drift } from "../../agent/model/drift.ts";
import type {
  ContainerDetails,
  ContainerState,
  Limits,
  Observed,
  ObservedContainer,
  ObservedImage,
} from "../../agent/model/observed.ts";
import type { StepOf } from "../../agent/model/plan.ts";
import { type Delivered, filesOf, markStarted } from "../../agent/plan/alerts/deliveries.ts";
import type { AppliedStack } from "../../agent/plan/applied-stack.ts";
import { fileKey } from "../../agent/plan/desire/file-key.ts";
import { readLimits } from "../../agent/plan/drift/read-limits.ts";
import type { PlanRequest } from "../../agent/plan/make-plan.ts";

/** The moment at which everything in these tests happens. */
export const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
export const IMAGE = "nginx:1.27";
export const IMAGE_ID = "sha256:1111";

export function buildService(name: string, over: Partial<DesiredService> = {}): DesiredService {
  return {
    name,
    image: IMAGE,
    replicas: 1,
    digest: "1.def.files",
    oneShot: false,
    dependencies: [],
    sharesWith: [],
    fields: {},
    files: {},
    ...over,
  };
}

export function buildDependency(
  service: string,
  condition: ServiceDependency["condition"] = "service_started",
  over: Partial<ServiceDependency> = {},
): ServiceDependency {
  return { service, condition, required: true, restart: false, ...over };
}

export function buildStack(name: string, services: readonly DesiredService[], over: Partial<DesiredStack> = {}): DesiredStack {
  return {
    name,
    revision: "a".repeat(40),
    inputs: `inputs of ${name}`,
    composeVersion: "2.26.1",
    root: `desired-state/stacks/${name}`,
    projectDirectory: "",
    files: [],
    services,
    model: {},
    environment: {},
    dependsOn: [],
    adopt: false,
    verifyTimeoutMs: 180_000,
    probes: [],
    probeIntervalMs: 30_000,
    rollback: true,
    hooks: [],
    drift: { mode: "heal", rules: {} },
    ...over,
  };
}

export function buildHost(stacks: readonly DesiredStack[], over: Partial<DesiredHost> = {}): DesiredHost {
  return {
    host: "box",
    revision: "a".repeat(40),
    path: "desired-state",
    suspended: false,
    rolledBack: [],
    unmanaged: "heal",
    maxRemovals: "50%",
    alerts: { labels: {}, minFiringMs: 300_000, alertmanagers: [], webhooks: [], heartbeat: false },
    hostEnvFiles: [],
    stacks,
    invalid: [],
    findings: [],
    ...over,
  };
}

/** A container as Holdfast started it: `buildContainer("shop", "web")` is replica 1, running, without a health check. */
export function buildContainer(project: string, service: string, over: Partial<ObservedContainer> = {}): ObservedContainer {
  const number = over.number ?? 1;
  return {
    id: `id-${project}-${service}-${number}`,
    name: `${project}-${service}-${number}`,
    project,
    service,
    number,
    oneOff: false,
    state: "running",
    health: "none",
    image: IMAGE,
    imageId: IMAGE_ID,
    createdAtMs: NOW_MS - 3_600_000,
    stack: project,
    digest: "1.def.files",
    ...over,
  };
}

/** What looking into a container tells that has no limits but these, and nothing of its networks. */
export function buildDetails(limits: Partial<Limits> = {}): ContainerDetails {
  return { limits: { ...readLimits({}), ...limits }, restartCount: 0, oomKilled: false, startedAtMs: 0, endpoints: {} };
}

/** A container that nobody labelled: somebody's own, or made by Compose without Holdfast. */
export function buildForeignContainer(
  project: string,
  service: string,
  over: Partial<ObservedContainer> = {},
): ObservedContainer {
  const { stack: _stack, digest: _digest, ...rest } = buildContainer(project, service, over);
  return rest;
}

export function buildExited(project: string, service: string, exitCode: number, state: ContainerState = "exited") {
  return buildContainer(project, service, { state, exitCode });
}

export function buildImage(tag: string, id: string = IMAGE_ID): ObservedImage {
  return { id, tags: [tag], digests: [] };
}

export function buildApplied(stack: DesiredStack, over: Partial<AppliedStack> = {}): AppliedStack {
  const services = stack.services.map((service) => {
    const { name, digest, fields } = service;
    return [name, { digest, fields, files: filesOf(service) }] as const;
  });
  return { inputs: stack.inputs, revision: stack.revision, services: Object.fromEntries(services), ...over };
}

export function buildDrift(over: Partial<Drift> = {}): Drift {
  return {
    stack: "shop",
    kind: "stopped",
    mode: "heal",
    origin: "host",
    service: "web",
    expected: "running",
    actual: "exited with code 1",
    cause: "container shop-web-1 is exited with code 1",
    ...over,
  };
}

export function buildUp(services: readonly string[], over: Partial<StepOf<"up">> = {}): StepOf<"up"> {
  return { action: "up", stack: "shop", causes: [], after: [], services, recreate: false, ...over };
}

export function buildStart(container: string): StepOf<"start"> {
  return {
    action: "start",
    stack: "shop",
    causes: [{ kind: "stopped", text: `container ${container} is exited with code 1` }],
    after: [],
    container,
    containerId: `id-${container}`,
  };
}

export interface Scenario extends Pick<Observed, "details" | "networks" | "volumes"> {
  readonly stacks: readonly DesiredStack[];
  readonly containers?: readonly ObservedContainer[];
  readonly images?: readonly ObservedImage[];
  readonly host?: Partial<DesiredHost>;
  /** What is remembered of each stack; by default that the same was converged before. */
  readonly applied?: readonly (readonly [string, AppliedStack])[];
  /** Files that stand on the host; by default those that should. */
  readonly placed?: PlanRequest["placed"];
  /** What the services were given of their files; by default what they should have. */
  readonly delivered?: PlanRequest["delivered"];
  /** Placed files that were changed on the host, by stack. */
  readonly files?: Observed["files"];
  readonly attempts?: PlanRequest["attempts"];
  readonly heals?: PlanRequest["heals"];
  readonly quarantines?: PlanRequest["quarantines"];
  readonly removals?: PlanRequest["removals"];
  readonly hooks?: PlanRequest["hooks"];
  readonly holds?: PlanRequest["holds"];
  readonly verdicts?: PlanRequest["verdicts"];
}

/** A request for a plan, of a host that was converged before unless the scenario says otherwise. */
export function buildRequest(scenario: Scenario): PlanRequest {
  const { stacks, containers = [], images } = scenario;
  const { files } = scenario;
  const observed: Observed = {
    ...{ atMs: NOW_MS, containers },
    ...(images === undefined ? {} : { images }),
    ...(files === undefined ? {} : { files }),
    ...(scenario.details === undefined ? {} : { details: scenario.details }),
    ...(scenario.networks === undefined ? {} : { networks: scenario.networks }),
    ...(scenario.volumes === undefined ? {} : { volumes: scenario.volumes }),
  };
  return {
    desired: buildHost(stacks, scenario.host),
    observed,
    applied: new Map(scenario.applied ?? stacks.map((stack) => [stack.name, buildApplied(stack)])),
    placed: scenario.placed ?? new Map(stacks.map((stack) => [stack.name, placedFiles(stack)])),
    delivered: scenario.delivered ?? new Map(stacks.map((stack) => [stack.name, deliveredFiles(stack)])),
    attempts: scenario.attempts ?? new Map(),
    heals: scenario.heals ?? new Map(),
    hooks: scenario.hooks ?? new Map(),
    removals: scenario.removals ?? new Map(),
    quarantines: scenario.quarantines ?? new Map(),
    holds: scenario.holds ?? { stacks: new Map() },
    verdicts: scenario.verdicts ?? new Map(),
    nowMs: NOW_MS,
  };
}

/** The record of files as it stands after a stack was placed. */
export function placedFiles(stack: DesiredStack): Record<string, string> {
  return Object.fromEntries(stack.files.map((file) => [file.path, fileKey(file)]));
}

/** The record of files as it stands after the services of a stack were started. */
export function deliveredFiles(stack: DesiredStack): Delivered {
  return stack.services.reduce((record: Delivered, { name }) => markStarted(record, stack, name), {});
}
