/**
 * How an error is handled, decided where it is thrown:
 * `transient` is tried again with backoff, `waiting` after an explicit delay, `stalled` only when its input changes,
 * `bug` ends the process so that the service manager starts it afresh.
 */
export type Handling = "transient" | "waiting" | "stalled" | "bug";

/** The codes of everything that can go wrong; a closed list, so that each has its documentation and its test. */
export type ErrorCode =
  | "source-unreachable"
  | "source-moved"
  | "source-refused"
  | "source-too-large"
  | "source-corrupt"
  | "revision-missing"
  | "revision-rejected"
  | "configuration-invalid"
  | "desired-state-invalid"
  | "compose-missing"
  | "compose-failed"
  | "render-failed"
  | "engine-unreachable"
  | "engine-refused"
  | "place-failed"
  | "report-failed"
  | "registry-unreachable"
  | "registry-refused"
  | "forge-refused"
  | "forge-failed"
  | "state-failed"
  | "upgrade-failed"
  | "wait-timed-out"
  | "aborted"
  | "bug";

export interface HoldfastError extends Error {
  readonly code: ErrorCode;
  readonly handling: Handling;
  /** What the reader can do about it, one sentence. */
  readonly hint?: string;
  /** What a program of the user's wrote before it failed, its last lines; not to be shown before secrets are masked. */
  readonly output?: string;
  /** Milliseconds since the epoch: asked not to be tried before. */
  readonly retryAtMs?: number;
}

export interface ErrorDetails {
  readonly handling: Handling;
  readonly hint?: string;
  readonly output?: string;
  readonly cause?: unknown;
}

/** Makes an error that says how it is handled; `message` is one readable line that names what and where. */
export function holdfastError(code: ErrorCode, message: string, details: ErrorDetails): HoldfastError {
  const error = new Error(message, details.cause === undefined ? undefined : { cause: details.cause });
  error.name = "HoldfastError";
  const hint = details.hint === undefined ? {} : { hint: details.hint };
  const output = details.output === undefined ? {} : { output: details.output };
  return Object.assign(error, { code, handling: details.handling, ...hint, ...output });
}

/** Tells a Holdfast error from any other thrown value, by its shape and never by its text. */
export function isHoldfastError(value: unknown): value is HoldfastError {
  return value instanceof Error && value.name === "HoldfastError" && "code" in value && "handling" in value;
}

/** Any thrown value as a Holdfast error; what is unknown is a bug. */
export function toHoldfastError(value: unknown): HoldfastError {
  if (isHoldfastError(value)) return value;
  const message = value instanceof Error ? value.message : String(value);
  return holdfastError("bug", message, { handling: "bug", cause: value });
}
