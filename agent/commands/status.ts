import type { Status } from "../model/generated/status.ts";
import { askRunningAgent } from "./ask-running-agent.ts";
import { formatTime } from "./format-time.ts";
import type { Output } from "./output.ts";

const TIMEOUT_MS = 5_000;

/** This host as a table: 0 healthy, 2 drift or unhealthy; throws when the agent does not answer. */
export async function status(socket: string, output: Output): Promise<number> {
  const answer = await askRunningAgent<Status>(
    { path: socket, method: "GET", url: "/v1/status", timeoutMs: TIMEOUT_MS },
    { hint: "`holdfast plan` works without it" },
  );
  output.print(output.format === "json" ? JSON.stringify(answer, undefined, 2) : renderStatus(answer));
  return answer.healthy ? 0 : 2;
}

/** A status as people read it. */
export function renderStatus(answer: Status): string {
  const { host, revision, tip, rejected, sourceError, engineError, last, stacks, drift, findings, alerts } = answer;
  const lines = [
    `${host}  ${answer.healthy ? "healthy" : "not healthy"}  revision ${shorten(revision)}${last === undefined ? "" : `  ${last.result} ${formatTime(Date.parse(last.at))}`}`,
  ];
  if (tip !== undefined && tip !== revision) lines.push(`the branch is at ${shorten(tip)}`);
  if (rejected) lines.push(`revision ${shorten(rejected.revision)} is rejected: ${rejected.reason}`);
  if (sourceError !== undefined) lines.push(`repository: ${sourceError}`);
  if (engineError !== undefined) lines.push(`engine: ${engineError}`);
  lines.push("", ...renderTable(["STACK", "STATE", "HEALTH", "REVISION", "RUNNING"], stacks.map(describeRow)));
  for (const stack of stacks) if (stack.reason !== undefined) lines.push(`${stack.name}: ${stack.reason}`);
  if (answer.holds.length > 0) lines.push("", "holds", ...answer.holds.map((hold) => `  ${describeHold(hold)}`));
  if (drift.length > 0)
    lines.push("", "drift", ...drift.map((item) => `  ${item.stack}: ${item.kind} (${item.mode}): ${item.cause}`));
  if (findings.length > 0) lines.push("", "findings", ...findings.map((line) => `  ${line}`));
  const told = alerts.filter((alert) => alert.name !== "HoldfastHeartbeat");
  if (told.length > 0) lines.push("", "alerts", ...told.map((alert) => `  ${describeAlert(alert)}`));
  const { warnings = [] } = answer;
  if (warnings.length > 0) lines.push("", "warnings", ...warnings.map((line) => `  ${line}`));
  return lines.join("\n");
}

function describeHold({ stack, origin, since, until, reason }: Status["holds"][number]): string {
  const what = stack ?? "the whole host";
  if (origin === "repository") return `${what}: suspended by suspend: true in its host file`;
  const begin = since === undefined ? "" : ` since ${formatTime(Date.parse(since))}`;
  const end = until === undefined ? "until `holdfast resume`" : `until ${formatTime(Date.parse(until))}`;
  return `${what}: suspended${begin} ${end}${reason === undefined ? "" : `: ${reason}`}`;
}

function describeAlert({ name, summary, firesUntil }: Status["alerts"][number]): string {
  return `${name}: ${summary}${firesUntil === undefined ? "" : ` (ended; fires on until ${formatTime(Date.parse(firesUntil))})`}`;
}

function describeRow(stack: Status["stacks"][number]): string[] {
  const running = stack.services.reduce((sum, service) => sum + service.running, 0);
  const wanted = stack.services.reduce((sum, service) => sum + service.replicas, 0);
  return [stack.name, stack.state, stack.health ?? "-", shorten(stack.revision), `${running}/${wanted}`];
}

/** Rows under a heading, in columns as wide as they must be. */
export function renderTable(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [heading, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function shorten(revision: string | undefined): string {
  return revision?.slice(0, 12) ?? "-";
}
