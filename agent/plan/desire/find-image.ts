import type { ObservedImage } from "../../model/observed.ts";

/** The local image that a reference names; undefined when there is none. */
export function findImage(images: readonly ObservedImage[], reference: string): ObservedImage | undefined {
  const names = spell(reference);
  return images.find((image) => image.id === reference || [...image.tags, ...image.digests].some((name) => names.includes(name)));
}

// The engine lists `docker.io/library/nginx:latest` as `nginx:latest`.
function spell(reference: string): string[] {
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  const tagged = last.includes(":") || last.includes("@") ? reference : `${reference}:latest`;
  const [name = tagged] = tagged.includes("@") ? [tagged.replace(/:[^/@:]+@/, "@")] : [tagged];
  return [name, name.replace(/^docker\.io\/library\//, ""), name.replace(/^docker\.io\//, "")];
}
