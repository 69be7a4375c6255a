import fc from "fast-check";
import type { DesiredService, DesiredStack, JsonObject, ServiceDependency } from "../../agent/model/desired.ts";
import type {
  Attachment,
  ContainerDetails,
  ContainerState,
  ObservedContainer,
  ObservedNetwork,
} from "../../agent/model/observed.ts";
import { asObject } from "../../agent/plan/desire/json.ts";
import { readAttachments } from "../../agent/plan/drift/read-attachments.ts";
import { readLimits } from "../../agent/plan/drift/read-limits.ts";
import { buildNetwork } from "../fakes/engine-model.ts";
import { buildContainer, buildDependency, buildService, buildStack, IMAGE } from "./build.ts";

const NAMES = ["m", "c", "x", "a", "t", "f"];
const IMAGES = [IMAGE, "db:16", "job:1"];

interface ServiceSeed {
  readonly oneShot: boolean;
  readonly replicas: number;
  readonly image: number;
  readonly links: readonly { readonly to: number; readonly kind: number }[];
  /** As the Compose file says them. */
  readonly networks: readonly string[];
  readonly limits: JsonObject;
}

const serviceSeed: fc.Arbitrary<ServiceSeed> = fc.record({
  oneShot: fc.boolean(),
  replicas: fc.integer({ min: 0, max: 3 }),
  image: fc.nat(IMAGES.length - 1),
  links: fc.array(fc.record({ to: fc.nat(NAMES.length), kind: fc.nat(4) }), { maxLength: 3 }),
  networks: fc.constantFrom(["default"], ["back"], ["back", "default"]),
  limits: fc.constantFrom<JsonObject>({}, { mem_limit: "67108864" }, { cpus: 0.5, pids_limit: 20 }, { restart: "always" }),
});

/** A service that depends on and lives in earlier ones only, in ways that Compose allows. */
function readService(seed: ServiceSeed, index: number, earlier: readonly DesiredService[]): DesiredService {
  const dependencies = new Map<string, ServiceDependency>();
  const sharesWith = new Set<string>();
  for (const { to, kind } of seed.links) {
    const target = earlier[to];
    if (target === undefined) continue;
    if (kind === 4 && !target.oneShot && target.replicas > 0) sharesWith.add(target.name);
    else if (kind === 0) dependencies.set(target.name, buildDependency(target.name));
    else if (target.oneShot) dependencies.set(target.name, buildDependency(target.name, "service_completed_successfully"));
    else dependencies.set(target.name, buildDependency(target.name, "service_healthy", { restart: kind === 1 }));
  }
  return buildService(NAMES[index] ?? "", {
    image: IMAGES[seed.image] ?? IMAGE,
    oneShot: seed.oneShot,
    replicas: seed.oneShot ? 1 : seed.replicas,
    dependencies: [...dependencies.values()],
    sharesWith: [...sharesWith].sort(),
  });
}

/** A stack of up to six services. */
export function arbitraryStack(name: string): fc.Arbitrary<DesiredStack> {
  return fc.array(serviceSeed, { minLength: 1, maxLength: NAMES.length }).map((seeds) => {
    const services: DesiredService[] = [];
    seeds.forEach((seed, index) => {
      services.push(readService(seed, index, services));
    });
    const rendered = services.map((service, index) => [service.name, renderService(service, seeds[index])]);
    const networks = { default: { name: `${name}_default` }, back: { name: "real-back", ipam: {} } };
    return buildStack(name, services, { model: { services: Object.fromEntries(rendered), networks } });
  });
}

function renderService({ sharesWith }: DesiredService, seed: ServiceSeed | undefined): JsonObject {
  const [provider] = sharesWith;
  const networks = Object.fromEntries((seed?.networks ?? []).map((network) => [network, null]));
  return { ...seed?.limits, ...(provider === undefined ? { networks } : { network_mode: `service:${provider}` }) };
}

const STATES: readonly ContainerState[] = ["running", "exited", "paused", "created", "restarting"];

interface ContainerSeed {
  readonly service: number;
  readonly number: number;
  readonly state: ContainerState;
  readonly exitCode: number;
  readonly differs: "no" | "definition" | "files" | "image" | "unlabelled";
  readonly age: number;
  readonly name: "right" | "provisional" | "other";
  readonly network: "right" | "extra" | "missing" | "stale" | "nameless";
  readonly limits: "right" | "more" | "stuck";
}

const containerSeed: fc.Arbitrary<ContainerSeed> = fc.record({
  service: fc.nat(NAMES.length),
  number: fc.integer({ min: 1, max: 4 }),
  state: fc.constantFrom(...STATES),
  exitCode: fc.constantFrom(0, 1, 137),
  differs: fc.constantFrom("no", "no", "definition", "files", "image", "unlabelled"),
  age: fc.integer({ min: 0, max: 9 }),
  name: fc.constantFrom("right", "right", "provisional", "other"),
  network: fc.constantFrom("right", "right", "extra", "missing", "stale", "nameless"),
  limits: fc.constantFrom("right", "right", "more", "stuck"),
});

/** What may be on a host: everything that a plan is made from, images aside. */
export interface World {
  readonly stack: DesiredStack;
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly ObservedNetwork[];
  readonly details: ReadonlyMap<string, ContainerDetails>;
}

/** Whatever may run of a stack: services in any state, older ones, orphans, containers of nobody, on any of its networks. */
export function arbitraryWorld(name: string): fc.Arbitrary<World> {
  const seeds = fc.uniqueArray(containerSeed, { maxLength: 8, selector: (seed) => `${seed.service} ${seed.number}` });
  const networks = fc.subarray(["shop_default", "real-back", "extra"]);
  return fc.tuple(arbitraryStack(name), seeds, networks).map(([stack, items, existing]) => {
    const containers = items.map((seed) => readContainer(seed, stack, existing));
    const details = items.map(
      (seed, index) => [containers[index]?.id ?? "", readDetails(seed, containers[index], stack)] as const,
    );
    return { stack, containers, networks: existing.map((network) => buildNetwork(network, network)), details: new Map(details) };
  });
}

function readContainer(seed: ContainerSeed, stack: DesiredStack, existing: readonly string[]): ObservedContainer {
  const service = stack.services[seed.service] ?? buildService(`orphan${seed.service}`);
  const usual = `${stack.name}-${service.name}-${seed.number}`;
  const {
    stack: label,
    digest,
    ...container
  } = buildContainer(stack.name, service.name, {
    number: seed.number,
    name: seed.name === "right" ? usual : seed.name === "other" ? `was-${usual}` : `0123456789ab_${usual}`,
    state: seed.state,
    networks: readNetworks(seed, stack, service, existing),
    image: seed.differs === "image" ? "sha256:old" : service.image,
    imageId: seed.differs === "image" ? "sha256:old" : `sha256:${service.image}`,
    createdAtMs: seed.age,
    digest: seed.differs === "definition" ? "1.old.files" : seed.differs === "files" ? "1.def.old" : service.digest,
    ...(seed.state === "exited" ? { exitCode: seed.exitCode } : {}),
  });
  return seed.differs === "unlabelled" || label === undefined || digest === undefined
    ? container
    : { ...container, stack: label, digest };
}

// Where a network is gone, a container that does not run can still hold on to it. A job's is left alone: `up` would fail once
// at one that has done its work, and take it away.
function readNetworks(
  { network, state }: ContainerSeed,
  stack: DesiredStack,
  service: DesiredService,
  existing: readonly string[],
): Record<string, Attachment> {
  const wanted = Object.keys(readAttachments(service.name, stack.model)?.endpoints ?? {});
  const names =
    network === "missing" ? wanted.slice(1) : network === "extra" && wanted.length > 0 ? [...wanted, "extra"] : wanted;
  const runs = state === "running" || state === "paused" || service.oneShot;
  const possible = names.filter((name) => !runs || existing.includes(name));
  const idOf = (name: string): string => (network === "stale" && !runs ? `old ${name}` : name);
  return Object.fromEntries(possible.map((name) => [name, { networkId: idOf(name), endpointId: name }]));
}

function readDetails(seed: ContainerSeed, container: ObservedContainer | undefined, stack: DesiredStack): ContainerDetails {
  const name = container?.service ?? "";
  const right = readLimits(asObject(asObject(stack.model["services"])[name]));
  const limits = {
    right,
    more: { ...right, restart: "unless-stopped", ...(right.memory > 0 ? { memory: right.memory + 1 } : {}) },
    stuck: { ...right, cpuShares: 7 },
  }[seed.limits];
  const aliases = seed.network === "nameless" ? [] : [name];
  const endpoints = Object.keys(container?.networks ?? {}).map((network) => [network, { endpointId: network, aliases }]);
  return { limits, restartCount: 0, oomKilled: false, startedAtMs: 0, endpoints: Object.fromEntries(endpoints) };
}
