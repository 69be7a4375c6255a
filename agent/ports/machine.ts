import type { FactsRequest, MachineFacts } from "../model/machine.ts";

/** The machine that a host is. */
export interface Machine {
  /** What is asked for, as it is now; what cannot be found out is missing from the answer. */
  read(request: FactsRequest, signal: AbortSignal): Promise<MachineFacts>;
  /**
   * Makes a directory with a mode, and its missing parents with 0755; returns whether it was missing, since one that is there is
   * never changed. Follows no symbolic link. Throws `place-failed`.
   */
  createDirectory(path: string, mode: number): Promise<boolean>;
}
