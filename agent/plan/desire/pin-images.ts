import type { DesiredStack } from "../../model/desired.ts";
import type { KeptImage } from "../../model/kept.ts";
import { asObject } from "./json.ts";

/**
 * The stack with the very images that it was verified with: a tag may name another one by now. By its digest where it came from a
 * registry, so that it can be pulled again; by the name under which it was kept otherwise.
 */
export function pinImages(stack: DesiredStack, images: Readonly<Record<string, KeptImage>>): DesiredStack {
  const pinned = (service: string, image: string): string => {
    const kept = images[service];
    // A service that has another image now was not part of what was verified.
    return kept === undefined || kept.reference !== image ? image : (kept.digest ?? kept.tag);
  };
  const services = asObject(stack.model["services"]);
  return {
    ...stack,
    services: stack.services.map((service) => ({ ...service, image: pinned(service.name, service.image) })),
    model: {
      ...stack.model,
      services: Object.fromEntries(
        Object.entries(services).map(([name, value]) => {
          const service = asObject(value);
          return [name, { ...service, image: pinned(name, String(service["image"] ?? "")) }];
        }),
      ),
    },
  };
}

/** `name@sha256:…` of an image as a reference names it, among the digests that the engine knows it by. */
export function findDigest(reference: string, digests: readonly string[]): string | undefined {
  if (reference.includes("@sha256:")) return reference;
  const name = reference.replace(/:[^/:]+$/, "");
  const known = (digest: string): string => digest.slice(0, digest.indexOf("@"));
  const same = digests.find((digest) => [name, name.replace(/^docker\.io\/(library\/)?/, "")].includes(known(digest)));
  return same;
}
