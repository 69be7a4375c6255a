import type { DesiredService } from "../../model/desired.ts";
import { parseImageReference } from "../../model/parse-image-reference.ts";
import { UNKNOWN_VALUE } from "../../model/unknown-value.ts";
import type { Violation } from "./violation.ts";

/** What a policy says of a service's image; `registries`: those that are allowed, none for any. */
export function checkImage({ name: service, image }: DesiredService, registries: readonly string[]): Violation[] {
  const reference = parseImageReference(image);
  // An image's own id names one image for ever, and no registry; of what a host's own file names nothing is known here.
  if (reference === undefined || image.includes(UNKNOWN_VALUE)) return [];
  const at = { service, pointer: ["services", service, "image"] };
  const found: Violation[] = [];
  const { registry, tag, digest } = reference;
  if (digest === undefined && tag === "latest")
    found.push({
      ...at,
      rule: "image-latest-tag",
      message: `${image} is whatever is the latest when it is pulled; name a version`,
    });
  if (digest === undefined)
    found.push({
      ...at,
      rule: "image-not-pinned",
      message: `${image} can become another image; add its digest, ${image}@sha256:…`,
    });
  if (registries.length > 0 && !registries.includes(registry))
    found.push({
      ...at,
      rule: "allowed-registries",
      message: `${image} comes from ${registry}; allowed ${registries.length === 1 ? "is" : "are"} ${registries.join(", ")}`,
    });
  return found;
}
