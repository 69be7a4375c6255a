import { type ImageReference, parseImageReference } from "../../model/parse-image-reference.ts";

/** `unknown`: the image was built here, or is named by its id, so that no registry can say anything of it. */
export type ImageJudgement = "moved" | "same" | "unknown";

/**
 * Whether a tag names another digest in its registry than the local image came from. `localDigests` are the image's
 * `name@sha256:…`, `registryDigest` what the registry says now.
 *
 * An image that was pulled from a multi-platform index carries the digest of the index, which is also what the registry
 * tells of the tag. One that was pulled again under a moved tag without a change for this platform carries both.
 */
export function judgeImageMoved(image: string, localDigests: readonly string[], registryDigest: string): ImageJudgement {
  const reference = parseImageReference(image);
  if (reference === undefined) return "unknown";
  if (reference.digest !== undefined) return "same";
  const known = listDigests(reference, localDigests);
  if (known.length === 0) return "unknown";
  return known.includes(registryDigest) ? "same" : "moved";
}

/** Whether a registry can say anything of an image: it is named by a tag, and was pulled from that repository. */
export function canMove(image: string, localDigests: readonly string[]): boolean {
  const reference = parseImageReference(image);
  return reference !== undefined && reference.digest === undefined && listDigests(reference, localDigests).length > 0;
}

// The same image may have been pulled from several repositories: a digest is one of its own repository only.
function listDigests(reference: ImageReference, localDigests: readonly string[]): string[] {
  return localDigests.flatMap((text) => {
    const local = parseImageReference(text);
    const isOurs = local?.registry === reference.registry && local.repository === reference.repository;
    return isOurs && local.digest !== undefined ? [local.digest] : [];
  });
}
