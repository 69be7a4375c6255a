import { isDeadlinePassed } from "../lib/with-deadline.ts";

/** Whether a probe passed, and what was expected and what came. */
export interface Outcome {
  readonly ok: boolean;
  readonly detail: string;
}

/** A failure as `expected 200, got nothing: the connection was refused`; an abort other than by the deadline is thrown on. */
export function describeFailure(expected: string, cause: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted && !isDeadlinePassed(signal.reason)) throw cause;
  if (isDeadlinePassed(signal.reason)) return failed(expected, `no answer within ${signal.reason.deadlineMs / 1000} s`);
  return failed(expected, explain(cause));
}

export function failed(expected: string, got: string): Outcome {
  return { ok: false, detail: `expected ${expected}, got ${got}` };
}

/** Text that others wrote, as one short line. */
export function oneLine(text: string, limit = 300): string {
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "a name that cannot be resolved",
  EAI_AGAIN: "a name that cannot be resolved now",
  ECONNREFUSED: "a refused connection",
  ECONNRESET: "a connection that was closed",
  EPIPE: "a connection that was closed",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the network",
  ETIMEDOUT: "no connection in time",
  CERT_HAS_EXPIRED: "a certificate that has expired",
  CERT_NOT_YET_VALID: "a certificate that is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "a certificate for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "a self-signed certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "a certificate of an authority that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "a certificate of an authority that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "a certificate of an authority that is not trusted",
};

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  // A name with several addresses fails with one error for each of them.
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  if (EXPLANATIONS[code] === undefined && first instanceof Error) return explain(first);
  if (code.startsWith("HPE_")) return `an answer that is not HTTP (${code})`;
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") return `an answer that is not TLS (${code})`;
  return EXPLANATIONS[code] ?? (cause.message || code);
}
