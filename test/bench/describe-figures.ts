import type { AgentPollFigures, PollFigures } from "./measure-polls.ts";
import type { describePush } from "./measure-push.ts";
import type { MemoryFigures } from "./read-process.ts";

/** What was measured with one number of stacks. */
export interface Measured {
  readonly stacks: number;
  /** At the shortest interval, as installed. */
  readonly agent: AgentPollFigures;
  /** 100 polls without pauses. */
  readonly rapid: AgentPollFigures;
  readonly loop: PollFigures;
  readonly push: ReturnType<typeof describePush>;
  readonly memoryAfterPushes: MemoryFigures;
  readonly bareNode: MemoryFigures;
}

/** One line of the table. `met` is there where a budget is. */
export interface Row {
  readonly figure: string;
  readonly holdfast: string;
  readonly loop: string;
  readonly ratio: string;
  readonly budget: string;
  readonly met?: boolean;
}

/** The budgets that the project has set itself, for a host of so many stacks: a poll costs about the same with one. */
const BUDGET_STACKS = 20;
const CPU_RATIO = 1 / 100;
const PUSH_RATIO = 1.5;

/** The last poll of a window may have asked the engine already when the window ends. */
const EDGE = 0.1;

export function describeFigures({ stacks, agent, rapid, loop, push, memoryAfterPushes, bareNode }: Measured): Row[] {
  const services = `${stacks} ${stacks === 1 ? "stack" : "stacks"}`;
  const cpuRatio = agent.cpuMs / loop.cpuMs;
  // Of polls without pauses: in ten seconds the daemons use more for themselves than for one request.
  const withEngine = (agent.cpuMs + rapid.engineCpuMs) / (loop.cpuMs + loop.engineCpuMs);
  const rows: Row[] = [
    {
      ...compare(`${services}: CPU of a poll that finds nothing, every 10 s`, ms(agent.cpuMs), ms(loop.cpuMs), share(cpuRatio)),
      ...(stacks >= BUDGET_STACKS ? judge("≤ 1/100", cpuRatio <= CPU_RATIO) : {}),
    },
    compare(
      `${services}: the same without pauses between polls`,
      ms(rapid.cpuMs),
      ms(loop.cpuMs),
      share(rapid.cpuMs / loop.cpuMs),
    ),
    compare(
      `${services}: the engine's CPU for it`,
      ms(rapid.engineCpuMs),
      ms(loop.engineCpuMs),
      share(rapid.engineCpuMs / loop.engineCpuMs),
    ),
    compare(
      `${services}: both together`,
      ms(agent.cpuMs + rapid.engineCpuMs),
      ms(loop.cpuMs + loop.engineCpuMs),
      share(withEngine),
    ),
    compare(`${services}: how long it takes`, ms(agent.wallMs), ms(loop.wallMs), share(agent.wallMs / loop.wallMs)),
    {
      ...compare(`${services}: programs started by it`, String(agent.programs), text(loop.programs), ""),
      ...judge("0", agent.programs === 0 && rapid.programs === 0),
    },
    {
      ...compare(`${services}: requests to the engine`, round(agent.engineRequests), round(loop.engineRequests), ""),
      ...judge("≤ 1", Math.max(agent.engineRequests, rapid.engineRequests) <= 1 + EDGE),
    },
    compare(`${services}: requests to the Git server`, round(agent.gitRequests), round(loop.gitRequests), ""),
    compare(`${services}: bytes to and from it`, round(agent.gitBytes), round(loop.gitBytes), ""),
    {
      ...compare(`${services}: files written in ${agent.polls} polls`, String(agent.filesWritten.length), "", ""),
      ...judge("0", agent.filesWritten.length === 0 && rapid.filesWritten.length === 0),
    },
    {
      ...compare(`${services}: from push to running`, ms(push.agentMs), ms(push.composeMs), `${push.ratio.toFixed(2)} ×`),
      ...judge("≤ 1.5 ×", push.ratio <= PUSH_RATIO),
    },
    compareMemory(`${services}: resident memory after ${agent.polls} polls, one every 10 s`, agent.memory, bareNode),
    compareMemory(`${services}: after 100 polls without pauses`, rapid.memory, bareNode),
    compareMemory(`${services}: after the pushes as well`, memoryAfterPushes, bareNode),
  ];
  return rows;
}

function compare(figure: string, holdfast: string, loop: string, ratio: string): Row {
  return { figure, holdfast, loop, ratio, budget: "" };
}

function compareMemory(figure: string, agent: MemoryFigures, bare: MemoryFigures): Row {
  const show = ({ residentMb, anonymousMb }: MemoryFigures): string =>
    `${Math.round(residentMb)} MB (${Math.round(anonymousMb)} own)`;
  return {
    ...compare(figure, show(agent), `bare Node.js: ${show(bare)}`, `${(agent.residentMb / bare.residentMb).toFixed(2)} ×`),
    budget: "printed",
  };
}

export function judge(budget: string, met: boolean): Pick<Row, "budget" | "met"> {
  return { budget, met };
}

/** The table in Markdown, with columns that also line up on a terminal. */
export function renderTable(rows: readonly Row[]): string {
  const met = (row: Row): string => (row.met === undefined ? "" : row.met ? "met" : "NOT MET");
  const cells = [
    ["figure", "Holdfast", "what a user does instead", "ratio", "budget", ""],
    ...rows.map((row) => [row.figure, row.holdfast, row.loop, row.ratio, row.budget, met(row)]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(cells[0] ?? []), rule, ...cells.slice(1).map(line)].join("\n");
}

export const ms = (value: number): string => `${value >= 100 ? Math.round(value) : value.toFixed(value >= 10 ? 1 : 2)} ms`;
const share = (value: number): string => (value > 0 && Number.isFinite(value) ? `1/${Math.round(1 / value)}` : "");
const round = (value: number): string => String(Math.round(value * 10) / 10);
const text = (value: number | undefined): string => (value === undefined ? "not counted (no strace)" : String(value));
