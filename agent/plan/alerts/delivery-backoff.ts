const FIRST_MS = 10_000;
/** A receiver that is back should not wait long for the truth. */
const LONGEST_MS = 120_000;

/** How long a receiver is left alone after this many failures in a row, milliseconds. */
export function deliveryBackoffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
}
