/** What an image reference says, spelled out as Docker understands it. */
export interface ImageReference {
  /** Host of the registry, with the port that the reference names; `docker.io` for Docker Hub. */
  readonly registry: string;
  /** Path in the registry: `library/nginx`. */
  readonly repository: string;
  /** `latest` where the reference has neither tag nor digest. */
  readonly tag?: string;
  /** `sha256:…`: what it names can never change. */
  readonly digest?: string;
}

const HUB = "docker.io";
/** The name that Docker Hub had once, and has in credentials to this day. */
const OLD_HUB = "index.docker.io";
const LONGEST_REPOSITORY = 255;

const label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const hostPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
/** The id of a local image, which Docker takes where it takes a reference. */
const idPattern = /^(?:sha256:)?[0-9a-f]{64}$/;

/** Reads an image reference by Docker's rules (distribution/reference); undefined when it is none, or an image's id. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (idPattern.test(text)) return undefined;
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  // A colon before the last slash belongs to the registry's port.
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const { registry, repository } = splitRegistry(colon < 0 ? named : named.slice(0, colon));
  if (!hostPattern.test(registry) || repository.length > LONGEST_REPOSITORY) return undefined;
  if (!repository.split("/").every((component) => componentPattern.test(component))) return undefined;
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  if (digest !== undefined && !digestPattern.test(digest)) return undefined;
  const chosen = tag ?? (digest === undefined ? "latest" : undefined);
  return {
    registry,
    repository,
    ...(chosen === undefined ? {} : { tag: chosen }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** A reference in full, so that equal ones are spelled equally: `docker.io/library/nginx:latest`. */
export function renderImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

// What stands before the first slash is a registry only when it cannot be a user's name at Docker Hub.
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const registry = isHost && first !== OLD_HUB ? first : HUB;
  const rest = isHost ? name.slice(slash + 1) : name;
  return { registry, repository: registry === HUB && !rest.includes("/") ? `library/${rest}` : rest };
}
