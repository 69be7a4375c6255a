import { type Html, html } from "./html.ts";

/** A time (RFC 3339) as people say it, `3 min ago` or `in 40 s`; the exact one is shown on demand. The page's script keeps it up to date. */
export function renderMoment(time: string, nowMs: number): Html {
  return html`<time datetime="${time}" title="${time.replace(/\.\d+Z$/, "Z").replace("T", " ")}" data-relative>${describeDistance(Date.parse(time) - nowMs)}</time>`;
}

/** A distance from now in milliseconds, in the largest unit that fits; the past is negative. The page's script says the same. */
export function describeDistance(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 2) return "now";
  const [size, unit] = UNITS.find(([size]) => seconds >= size * 1.5) ?? [1, "s"];
  const text = `${Math.round(seconds / size)} ${unit}`;
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
] as const;
