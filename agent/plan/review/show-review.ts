import type { Review } from "../../model/generated/review.ts";
import { showControls, showInLines } from "../../model/show-controls.ts";

/**
 * A review in which nothing is hidden, and no text makes a line of its own: a job reads lines such as `::error::` as commands, and
 * who proposes a change wrote most of it.
 */
export function showReview(review: Review): Review {
  return show(review, "") as Review;
}

function show(value: unknown, key: string): unknown {
  if (typeof value === "string") return key === "diff" ? showInLines(value) : showControls(value);
  if (Array.isArray(value)) return value.map((item: unknown) => show(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, show(inner, name)]));
}
