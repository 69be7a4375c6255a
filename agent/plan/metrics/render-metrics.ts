import type { MetricFamily, Sample } from "../../model/metric.ts";

/** Prometheus's text format, or OpenMetrics for who asks for it. */
export type Exposition = "text" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<Exposition, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Which of the two an `Accept` header prefers. */
export function chooseExposition(accept: string | undefined): Exposition {
  const offers = (accept ?? "").split(",").map((offer) => {
    const [type = "", ...parameters] = offer.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((part) => part.startsWith("q="));
    return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
  });
  const best = (type: string): number => Math.max(0, ...offers.filter((offer) => offer.type === type).map((one) => one.quality));
  return best("application/openmetrics-text") > Math.max(best("text/plain"), best("*/*")) ? "openmetrics" : "text";
}

/** Metrics as a scraper reads them. */
export function renderMetrics(families: readonly MetricFamily[], exposition: Exposition): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => {
      const { name, type, help, samples } = family;
      // OpenMetrics names the family of a counter without its suffix.
      const title = exposition === "openmetrics" && type === "counter" ? name.replace(/_total$/, "") : name;
      return [`# HELP ${title} ${escapeHelp(help)}`, `# TYPE ${title} ${type}`, ...samples.map((one) => renderSample(name, one))];
    });
  return `${lines.join("\n")}\n${exposition === "openmetrics" ? "# EOF\n" : ""}`;
}

function renderSample(name: string, { suffix = "", labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeValue(text)}"`);
  return `${name}${suffix}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${renderNumber(value)}`;
}

function renderNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  // A surrogate without its partner cannot be written as UTF-8.
  return escapeHelp(text.toWellFormed()).replaceAll('"', '\\"');
}
