import type { HistoryReport } from "../model/generated/history.ts";
import type { HistoryEntry } from "../model/history.ts";

/** Entries as programs read them. */
export function describeHistory(host: string, entries: readonly HistoryEntry[]): HistoryReport {
  return {
    host,
    entries: entries.map(({ atMs, event, stack, revision, text, steps, drift, findings, output }) => ({
      at: new Date(atMs).toISOString(),
      event,
      ...(stack === undefined ? {} : { stack }),
      ...(revision === undefined ? {} : { revision }),
      text,
      ...(steps === undefined ? {} : { steps: steps.map((step) => ({ text: step.text, causes: [...step.causes] })) }),
      ...(drift === undefined ? {} : { drift: [...drift] }),
      ...(findings === undefined ? {} : { findings: [...findings] }),
      ...(output === undefined ? {} : { output: [...output] }),
    })),
  };
}
