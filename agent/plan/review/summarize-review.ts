import type { Review } from "../../model/generated/review.ts";

/** A review with its result: invalid where something would not be converged. */
export function summarizeReview(review: Omit<Review, "result">): Review {
  const isInvalid =
    review.findings.some(({ severity }) => severity === "error") || review.hosts.some(({ rejected }) => rejected !== undefined);
  const isChanged = review.hosts.some(({ stacks, leaves }) => stacks.length > 0 || leaves);
  return { ...review, result: isInvalid ? "invalid" : isChanged ? "changes" : "nothing" };
}
