import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Idle, measureIdle } from "./measure-idle.ts";
import { ownPlatform, type Target } from "./targets.ts";

const run = promisify(execFile);
const STARTS = 15;

/** A table of what the executables weigh, beside Node.js without a program. Speed and memory only of the one that runs here. */
export async function measureRelease(output: string, targets: readonly Target[]): Promise<string> {
  const rows: string[][] = [["", ...targets.map(({ platform }) => platform), "bare Node.js here"]];
  const files = targets.map(({ platform }) => join(output, `holdfast-${platform}`));
  const size = async (file: string) => `${Math.round((await stat(file)).size / 1e6)} MB`;
  const add = async (name: string, own: (file: string) => Promise<string>, bare: string): Promise<void> => {
    const cells = await Promise.all(
      targets.map(({ platform }, index) => (platform === ownPlatform() ? own(files[index] ?? "") : "")),
    );
    rows.push([name, ...cells, bare]);
  };
  rows.push(["size", ...(await Promise.all(files.map(size))), await size(process.execPath)]);
  rows.push(["the same, compressed", ...(await Promise.all(files.map((file) => size(`${file}.gz`)))), ""]);
  await add("start of `version`", (file) => timeStarts([file, "version"]), await timeStarts([process.execPath, "-e", "0"]));
  const own = files[targets.findIndex(({ platform }) => platform === ownPlatform())];
  if (own === undefined) return renderTable(rows);
  const idle = await measureIdle(own).catch((cause: unknown) => String(cause));
  if (typeof idle === "string") return `${renderTable(rows)}\n\nNot measured, because no engine can be started here: ${idle}`;
  await add("from start to the first poll", async () => `${Math.round(Math.min(...idle.firstPollMs))} ms`, "");
  await add("resident memory, idle", async () => describeMemory(idle.memory), describeMemory(idle.bareMemory));
  return renderTable(rows);
}

/** The shortest of some starts: what else runs on the machine only adds. The first one reads the file from the disk. */
async function timeStarts([file = "", ...args]: readonly string[]): Promise<string> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const startedAtMs = performance.now();
    await run(file, args, { env: {} });
    times.push(performance.now() - startedAtMs);
  }
  return `${Math.round(Math.min(...times))} ms`;
}

function describeMemory({ residentMb, anonymousMb }: Idle["memory"]): string {
  return `${Math.round(residentMb)} MB (${Math.round(anonymousMb)} own)`;
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...rest] = rows;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rest.map(line)].join("\n");
}
