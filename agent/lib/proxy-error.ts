/** What went wrong on the way to or at a proxy, in one readable line that holds no credentials. */
export interface ProxyError extends Error {
  /** Whether trying again is of no use before somebody changes something. */
  readonly lasting: boolean;
  /** What the reader can do about it, one sentence. */
  readonly hint: string;
}

/** Makes the error; `cause` must not hold credentials. */
export function proxyError(
  message: string,
  details: Pick<ProxyError, "lasting" | "hint"> & { readonly cause?: unknown },
): ProxyError {
  const error = new Error(message, details.cause === undefined ? undefined : { cause: details.cause });
  error.name = "ProxyError";
  return Object.assign(error, { lasting: details.lasting, hint: details.hint });
}

/** Tells a proxy's error from any other thrown value, by its shape. */
export function isProxyError(value: unknown): value is ProxyError {
  return value instanceof Error && value.name === "ProxyError" && "lasting" in value && "hint" in value;
}
