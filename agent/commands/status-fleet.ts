import type { FleetHost, FleetStatus } from "../model/generated/fleet-status.ts";
import { askRunningAgent } from "./ask-running-agent.ts";
import type { Output } from "./output.ts";
import { renderTable } from "./status.ts";

/** Hosts that do not answer are waited for. */
const TIMEOUT_MS = 60_000;
const WIDTH = 80;
const NAME_WIDTH = 24;
const STATES: Readonly<Record<FleetHost["state"], string>> = {
  healthy: "healthy",
  "not-healthy": "not healthy",
  unreachable: "unreachable",
  unasked: "not asked",
};

/** Every host as a table: 0 all healthy, 2 one is not, 1 one cannot be reached; throws when this host's agent does not answer. */
export async function statusFleet(socket: string, output: Output): Promise<number> {
  const answer = await askRunningAgent<FleetStatus>(
    { path: socket, method: "GET", url: "/v1/fleet", timeoutMs: TIMEOUT_MS },
    { hint: "the agent of this host is what asks the others" },
  );
  output.print(output.format === "json" ? JSON.stringify(answer, undefined, 2) : renderFleet(answer));
  const states = answer.hosts.map(({ state }) => state);
  if (states.includes("unreachable")) return 1;
  return states.includes("not-healthy") ? 2 : 0;
}

/** A fleet as people read it, in 80 columns. */
export function renderFleet({ host, at, revision, hosts }: FleetStatus): string {
  const rows = hosts.map((one) => [
    shorten(one.name, NAME_WIDTH),
    STATES[one.state],
    `${one.revision?.slice(0, 7) ?? "-"}${one.position === undefined || one.position === "current" ? "" : ` ${one.position}`}`,
    one.stacks.length === 0 ? "-" : `${one.stacks.filter(isWell).length}/${one.stacks.length}`,
    one.at === undefined ? "-" : formatAge(Date.parse(at) - Date.parse(one.at)),
  ]);
  const counts = Object.entries(STATES).flatMap(([state, word]) => {
    const count = hosts.filter((one) => one.state === state).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const lines = [
    `fleet as ${host} sees it: ${counts.join(", ")}`,
    "",
    ...renderTable(["HOST", "STATE", "REVISION", "WELL", "LAST"], rows),
    ...section(
      "why",
      hosts.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`])),
    ),
    ...section("revisions", describeRevisions(hosts, revision)),
    ...section("stacks", describeStacks(hosts)),
  ];
  return lines.join("\n");
}

function describeRevisions(hosts: readonly FleetHost[], newest: string | undefined): string[] {
  const revisions = [...new Set([newest, ...hosts.map((one) => one.revision)])].filter((one) => one !== undefined);
  return revisions.map((revision) => {
    const having = hosts.filter((one) => one.revision === revision);
    const subject = having.find((one) => one.subject !== undefined)?.subject;
    const names = having.length === 0 ? "no host yet" : having.map(({ name }) => name).join(", ");
    return `${revision.slice(0, 7)}${revision === newest ? " (newest)" : ""}${subject === undefined ? "" : ` ${subject}`}: ${names}`;
  });
}

function describeStacks(hosts: readonly FleetHost[]): string[] {
  const names = [...new Set(hosts.flatMap(({ stacks }) => stacks.map(({ name }) => name)))].sort();
  return names.map((name) => {
    const having = hosts.flatMap((one) =>
      one.stacks.filter((stack) => stack.name === name).map((stack) => [one.name, stack] as const),
    );
    return `${name}: ${having.map(([host, stack]) => `${host} ${isWell(stack) ? "well" : describeStack(stack)}`).join(", ")}`;
  });
}

function isWell({ state, health }: FleetHost["stacks"][number]): boolean {
  return state === "converged" && health === "healthy";
}

function describeStack({ state, health }: FleetHost["stacks"][number]): string {
  return state === "converged" ? (health ?? "not looked at yet") : state;
}

/** Nothing where there is nothing to say. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.flatMap((line) => wrap(line))];
}

/** A line below a title, broken between words where it is too long; a word that is longer than a line is left whole. */
function wrap(line: string): string[] {
  const lines: string[] = [];
  let rest = "  ";
  for (const word of line.split(" ")) {
    if (rest.trim() !== "" && rest.length + 1 + word.length > WIDTH) {
      lines.push(rest);
      rest = "   ";
    }
    rest = rest.trim() === "" ? `${rest}${word}` : `${rest} ${word}`;
  }
  return [...lines, rest];
}

function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** How long ago, in the largest unit that fits. */
function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}
