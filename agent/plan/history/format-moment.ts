/** Milliseconds since the epoch as RFC 3339 to the second, in UTC: what a text says that is read in any place. */
export function formatMoment(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
