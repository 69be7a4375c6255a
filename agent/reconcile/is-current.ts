import type { DesiredStack } from "../model/desired.ts";
import type { Compose } from "../ports.ts";

/** Whether a stack is as the installed Compose renders it; one that cannot be asked now is not known to be another. */
export async function isCurrent(known: DesiredStack, compose: Compose, signal: AbortSignal): Promise<boolean> {
  return compose.version(signal).then(
    (version) => version === known.composeVersion,
    (cause) => {
      if (signal.aborted) throw cause;
      return true;
    },
  );
}
