import type { HistoryReport } from "../model/generated/history.ts";
import { describeHistory } from "../server/describe-history.ts";
import { recallStacks, requireStack } from "../server/open-agent-api.ts";
import { readLimit } from "../server/read-request.ts";
import { openHistory } from "../state/open-history.ts";
import { readStore } from "../state/read-store.ts";
import { askRunningAgent } from "./ask-running-agent.ts";
import type { Output } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";
import { renderHistory } from "./render-history.ts";
import { databaseOf, socketOf } from "./wire.ts";

export interface HistoryOptions {
  readonly stack?: string | undefined;
  readonly limit?: string | undefined;
}

/** What happened on this host, with an agent or without. Returns the exit code. */
export async function history(configuration: Configuration, { stack, limit }: HistoryOptions, output: Output): Promise<number> {
  const query = { ...(stack === undefined ? {} : { stack }), limit: readLimit(limit) };
  const url = `/v1/history?limit=${query.limit}${stack === undefined ? "" : `&stack=${encodeURIComponent(stack)}`}`;
  const report = await askRunningAgent<HistoryReport>(
    { path: socketOf(configuration), method: "GET", url, timeoutMs: 5_000 },
    { instead: () => describeStopped(configuration, query) },
  );
  output.print(output.format === "json" ? JSON.stringify(report, undefined, 2) : renderHistory(report, output.format));
  return 0;
}

/** Reads what the last agent left. */
function describeStopped(
  configuration: Configuration,
  query: { readonly stack?: string; readonly limit: number },
): HistoryReport {
  const database = databaseOf(configuration);
  const kept = openHistory(database);
  if (query.stack !== undefined) requireStack(query.stack, [...kept.stacks(), ...recallStacks(readStore(database))]);
  return describeHistory(configuration.host, kept.list(query));
}
