/** One value of a metric. */
export interface Sample {
  /** What follows the family's name: `_bucket`. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Everything of one name, as Prometheus sees it. */
export interface MetricFamily {
  /** Whole, `holdfast_steps_total`; of a histogram without `_bucket`, `_sum` and `_count`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}
