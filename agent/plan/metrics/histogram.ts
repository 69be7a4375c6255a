import type { Sample } from "../../model/metric.ts";

/** How often something lasted how long, in seconds. */
export interface Histogram {
  /** By the bound at the same place: how many were no longer than it and longer than the one before. */
  readonly counts: number[];
  /** All of them together. */
  sum: number;
  count: number;
}

/** Upper bounds in seconds: an idle poll takes milliseconds, a change of large images minutes. */
export const BOUNDS: readonly number[] = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** One that has seen nothing. */
export function createHistogram(): Histogram {
  return { counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
}

/** Counts one more. */
export function observe(histogram: Histogram, measured: number): void {
  // A clock that was set back must not take anything away from a sum that only grows.
  const seconds = Math.max(0, measured);
  const place = BOUNDS.findIndex((bound) => seconds <= bound);
  if (place >= 0) histogram.counts[place] = (histogram.counts[place] ?? 0) + 1;
  histogram.sum += seconds;
  histogram.count += 1;
}

/** Its buckets, sum and count, as Prometheus wants them. */
export function describeHistogram(histogram: Histogram, labels: Readonly<Record<string, string>>): Sample[] {
  let below = 0;
  const buckets = BOUNDS.map((bound, place): Sample => {
    below += histogram.counts[place] ?? 0;
    return { suffix: "_bucket", labels: { ...labels, le: String(bound) }, value: below };
  });
  return [
    ...buckets,
    { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: histogram.count },
    { suffix: "_sum", labels, value: histogram.sum },
    { suffix: "_count", labels, value: histogram.count },
  ];
}
