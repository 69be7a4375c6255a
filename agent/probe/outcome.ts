import { explainNetworkError } from "../lib/explain-network-error.ts";
import { isDeadlinePassed } from "../lib/with-deadline.ts";

/** Whether a probe passed, and what was expected and what came. */
export interface Outcome {
  readonly ok: boolean;
  readonly detail: string;
}

export function failed(expected: string, got: string): Outcome {
  return { ok: false, detail: `expected ${expected}, got ${got}` };
}

/** A failure as `expected 200, got nothing: the connection was refused`; an abort other than by the deadline is thrown on. */
export function describeFailure(expected: string, cause: unknown, signal: AbortSignal): Outcome {
  if (isDeadlinePassed(signal.reason)) return failed(expected, `nothing: no answer within ${signal.reason.deadlineMs / 1000} s`);
  if (signal.aborted) throw cause;
  return failed(expected, `nothing: ${explain(cause)}`);
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  const known = explainNetworkError(code)?.message;
  if (known !== undefined) return known;
  // A name with several addresses fails with one error for each of them.
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  if (first instanceof Error) return explain(first);
  return code.startsWith("HPE_") ? `what answers is not HTTP (${code})` : cause.message || code;
}
