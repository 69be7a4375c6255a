import type { DesiredStack } from "../../model/desired.ts";
import type { EngineEvent } from "../../model/engine-event.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import { asObject, asString } from "../desire/json.ts";

/** What has to be looked at again because of an event. */
export interface EventEffect {
  /** The list of containers. */
  readonly containers: boolean;
  /** A container of which more than its list entry may be another. */
  readonly details?: string;
  readonly networks: boolean;
  readonly volumes: boolean;
  readonly images: boolean;
}

/** What this host knows, as far as it tells whether an event is about it. */
export interface KnownHost {
  readonly stacks: readonly DesiredStack[];
  readonly containers: readonly ObservedContainer[];
}

const NOTHING: EventEffect = { containers: false, networks: false, volumes: false, images: false };

/** What changes something of a container that its list entry does not tell: limits, and how often and why it ended. */
const INSPECTED = ["update", "oom", "die", "start"];

/** What an event makes out of date; nothing when it is about what somebody else runs on the host. */
export function judgeEvent(event: EngineEvent, known: KnownHost): EventEffect {
  switch (event.type) {
    case "container": {
      if (!concernsStack(event, known)) return NOTHING;
      return { ...NOTHING, containers: true, ...(INSPECTED.includes(event.action) ? { details: event.id } : {}) };
    }
    case "network": {
      const { containerId } = event;
      const changed = namesOf("networks", known).has(event.name ?? event.id);
      // Somebody else's on a network of ours is told too.
      if (containerId !== undefined) return { ...NOTHING, containers: changed || isOurs(containerId, known) };
      return { ...NOTHING, containers: changed, networks: changed };
    }
    case "volume": {
      const changed = namesOf("volumes", known).has(event.id);
      return { ...NOTHING, containers: changed, volumes: changed };
    }
    case "image": {
      // An image that loses its name, or is deleted, is told by its id alone.
      const told = event.name === undefined || event.name.startsWith("sha256:");
      const used = told || known.stacks.some(({ services }) => services.some(({ image }) => isNamed(image, event.name ?? "")));
      return { ...NOTHING, containers: used, images: used };
    }
    default:
      return event.type satisfies never;
  }
}

function concernsStack({ id, project, stack }: EngineEvent, known: KnownHost): boolean {
  if (stack !== undefined) return true;
  return known.stacks.some(({ name }) => name === project) || isOurs(id, known);
}

function isOurs(containerId: string, { stacks, containers }: KnownHost): boolean {
  const project = containers.find(({ id }) => id === containerId)?.project;
  return project !== undefined && stacks.some(({ name }) => name === project);
}

/** Names of the networks or volumes that the stacks use, as the engine knows them. */
function namesOf(group: "networks" | "volumes", { stacks }: KnownHost): ReadonlySet<string> {
  return new Set(
    stacks.flatMap(({ name, model }) =>
      Object.entries(asObject(model[group])).map(([key, value]) => asString(asObject(value)["name"]) ?? `${name}_${key}`),
    ),
  );
}

// `nginx:1.27` and `docker.io/library/nginx:1.27` are one image: what comes last tells enough to look.
function isNamed(image: string, name: string): boolean {
  const last = (text: string): string => text.slice(text.lastIndexOf("/") + 1).replace(/@.*$/, "");
  const [ours, theirs] = [last(image), last(name)];
  return ours.split(":")[0] === theirs.split(":")[0];
}
