/** Why `withDeadline` aborted: the time was over. */
export interface DeadlinePassed {
  readonly deadlineMs: number;
}

/**
 * Runs `task` with a signal that aborts when `signal` does, with its reason, or after `deadlineMs`, with a `DeadlinePassed`.
 * Leaves no listener behind: `AbortSignal.any` on a signal that lives as long as the program would collect them.
 */
export async function withDeadline<T>(
  deadlineMs: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const forward = (): void => controller.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener("abort", forward, { once: true });
  const passed: DeadlinePassed = { deadlineMs };
  const timer = setTimeout(() => controller.abort(passed), deadlineMs);
  try {
    return await task(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", forward);
  }
}

/** Tells whether an abort's reason is that the time was over. */
export function isDeadlinePassed(reason: unknown): reason is DeadlinePassed {
  return typeof reason === "object" && reason !== null && "deadlineMs" in reason;
}
