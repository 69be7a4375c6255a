import { parseImageReference, renderImageReference } from "../../model/parse-image-reference.ts";
import { shortDigest } from "../desire/digest-service.ts";

/** What is remembered of the last question about an image. */
export interface RegistryCheck {
  /** Milliseconds since the epoch. */
  readonly checkedAtMs: number;
  /** What the registry said when it last answered. */
  readonly digest?: string;
  /** In a row; 0 after an answer. */
  readonly failures: number;
  /** Milliseconds since the epoch: the registry wants to be asked no earlier. */
  readonly retryAtMs?: number;
}

export interface RegistryCheckRequest {
  /** References that run here, in any spelling; those with a digest, and ids, are never asked. */
  readonly images: readonly string[];
  /** By the full spelling, as `chooseRegistryChecks` returns it. */
  readonly checks: Readonly<Record<string, RegistryCheck>>;
  readonly nowMs: number;
  /** Asked in one round at most. */
  readonly most: number;
  /** The host's name: hosts of a fleet ask at different moments. */
  readonly seed: string;
}

const PERIOD_MS = 15 * 60_000;
const LONGEST_MS = 6 * 3_600_000;
const SPREAD = 0.1;

/**
 * The images to ask their registries about now, in full spelling, the longest overdue first. An image is asked once in 15 minutes
 * at most; after failures after 15 minutes, doubled up to 6 hours. Questions are spread evenly over the 15 minutes, however often
 * it is looked.
 */
export function chooseRegistryChecks(request: RegistryCheckRequest): string[] {
  const { checks, nowMs, most } = request;
  const images = listTags(request.images);
  const due = images
    .map((image) => ({ image, atMs: dueAtMs(image, checks[image], request) }))
    .filter(({ atMs }) => atMs <= nowMs)
    .sort((a, b) => a.atMs - b.atMs || (a.image < b.image ? -1 : 1));
  return due.slice(0, Math.min(most, countAllowed(images, checks, nowMs))).map(({ image }) => image);
}

function listTags(references: readonly string[]): string[] {
  const names = references.flatMap((text) => {
    const reference = parseImageReference(text);
    return reference === undefined || reference.digest !== undefined ? [] : [renderImageReference(reference)];
  });
  return [...new Set(names)];
}

function dueAtMs(image: string, check: RegistryCheck | undefined, { nowMs, seed }: RegistryCheckRequest): number {
  // A clock that was put back must not silence an image until it has caught up.
  if (check === undefined || check.checkedAtMs > nowMs) return 0;
  const { checkedAtMs, failures, retryAtMs = 0 } = check;
  // Above 2^10 nothing changes any more.
  const delayMs = Math.min(LONGEST_MS, PERIOD_MS * 2 ** Math.min(Math.max(0, failures - 1), 10));
  const chance = Number.parseInt(shortDigest(`${seed} ${image}`).slice(0, 6), 16) / 0x1000000;
  // A wish from before the clock was put back may lie far ahead.
  return Math.max(checkedAtMs + delayMs * (1 + SPREAD * chance), Math.min(retryAtMs, checkedAtMs + LONGEST_MS));
}

/** With n images one may be asked every n-th part of the period: several when the last round is longer ago than that. */
function countAllowed(images: readonly string[], checks: Readonly<Record<string, RegistryCheck>>, nowMs: number): number {
  const asked = images.map((image) => checks[image]?.checkedAtMs ?? 0).filter((atMs) => atMs <= nowMs);
  const elapsedMs = nowMs - Math.max(0, ...asked);
  const spacingMs = PERIOD_MS / Math.max(1, images.length);
  return elapsedMs < spacingMs ? 0 : Math.ceil(elapsedMs / spacingMs);
}
