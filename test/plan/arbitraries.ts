import fc from "fast-check";
import type { DesiredService, DesiredStack, ServiceDependency } from "../../agent/model/desired.ts";
import type { ContainerState, ObservedContainer } from "../../agent/model/observed.ts";
import { buildContainer, buildDependency, buildService, buildStack, IMAGE } from "./build.ts";

const NAMES = ["m", "c", "x", "a", "t", "f"];
const IMAGES = [IMAGE, "db:16", "job:1"];

interface ServiceSeed {
  readonly oneShot: boolean;
  readonly replicas: number;
  readonly image: number;
  readonly links: readonly { readonly to: number; readonly kind: number }[];
}

const serviceSeed: fc.Arbitrary<ServiceSeed> = fc.record({
  oneShot: fc.boolean(),
  replicas: fc.integer({ min: 0, max: 3 }),
  image: fc.nat(IMAGES.length - 1),
  links: fc.array(fc.record({ to: fc.nat(NAMES.length), kind: fc.nat(4) }), { maxLength: 3 }),
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
    return buildStack(name, services);
  });
}

const STATES: readonly ContainerState[] = ["running", "exited", "paused", "created", "restarting"];

interface ContainerSeed {
  readonly service: number;
  readonly number: number;
  readonly state: ContainerState;
  readonly exitCode: number;
  readonly differs: "no" | "definition" | "files" | "image" | "unlabelled";
  readonly age: number;
}

const containerSeed: fc.Arbitrary<ContainerSeed> = fc.record({
  service: fc.nat(NAMES.length),
  number: fc.integer({ min: 1, max: 4 }),
  state: fc.constantFrom(...STATES),
  exitCode: fc.constantFrom(0, 1, 137),
  differs: fc.constantFrom("no", "no", "definition", "files", "image", "unlabelled"),
  age: fc.integer({ min: 0, max: 9 }),
});

/** Whatever may run of a stack: services in any state, older ones, orphans, containers of nobody. */
export function arbitraryContainers(stack: DesiredStack): fc.Arbitrary<ObservedContainer[]> {
  const seeds = fc.uniqueArray(containerSeed, { maxLength: 8, selector: (seed) => `${seed.service} ${seed.number}` });
  return seeds.map((items) => items.map((seed) => readContainer(seed, stack)));
}

function readContainer(seed: ContainerSeed, stack: DesiredStack): ObservedContainer {
  const service = stack.services[seed.service] ?? buildService(`orphan${seed.service}`);
  const {
    stack: label,
    digest,
    ...container
  } = buildContainer(stack.name, service.name, {
    number: seed.number,
    state: seed.state,
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
