// Measures the agent beside what a user would write instead and prints one table. A budget that is missed is told, and
// is no failure: times depend on the machine.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeDriftFigures } from "./describe-drift-figures.ts";
import { describeFigures, type Measured, type Row, renderTable } from "./describe-figures.ts";
import { describeGitFigures } from "./describe-git-figures.ts";
import { describeReviewFigures } from "./describe-review-figures.ts";
import { type DriftFigures, measureDrift } from "./measure-drift.ts";
import { type GitFigures, measureGit } from "./measure-git.ts";
import { measureAgent, measureLoop } from "./measure-polls.ts";
import { describePush, measureBareNode, measurePush } from "./measure-push.ts";
import { measureReview, type ReviewFigures } from "./measure-review.ts";
import { openWorld } from "./open-world.ts";
import { readMemory } from "./read-process.ts";
import { type RunningAgent, SHORTEST_INTERVAL_MS, startAgent } from "./start-agent.ts";
import { createLoop } from "./start-loop.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "string" },
    stacks: { type: "string", multiple: true, default: ["20", "1"] },
    quick: { type: "boolean", default: false },
    polls: { type: "string" },
  },
});
const { loops, pushes, steady, rapid } = values.quick
  ? { loops: 2, pushes: 2, steady: { warmUp: 1, windows: 1, polls: 6 }, rapid: { warmUp: 0, windows: 1, polls: 100 } }
  : { loops: 5, pushes: 10, steady: { warmUp: 2, windows: 3, polls: 6 }, rapid: { warmUp: 0, windows: 1, polls: 100 } };
/** More of them at the real interval: 100 take 17 minutes. */
const windows = values.polls === undefined ? steady.windows : Math.ceil(Number(values.polls) / steady.polls);

/** Between two polls where the figure does not depend on it: a hundred of them then take no quarter of an hour. */
const RAPID_PAUSE_MS = 50;

const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);

async function measure(stacks: number): Promise<Measured> {
  say(`${stacks} stacks: starting two engines and a Git server`);
  const world = await openWorld(stacks);
  const options = {
    directory: join(world.directory, "agent"),
    repositoryUrl: world.repositoryUrl,
    socket: world.holdfast.socket,
  };
  async function withAgent<T>(pauseMs: number, use: (agent: RunningAgent) => Promise<T>): Promise<T> {
    const agent = startAgent({ ...options, pauseMs });
    try {
      await agent.waitHealthy(world.revision, 60_000 + stacks * 10_000);
      return await use(agent);
    } finally {
      await agent.stop();
    }
  }
  try {
    const loop = await createLoop(world.directory, world.repositoryUrl, world.loop.socket);
    say(`${stacks} stacks: the loop`);
    const loopFigures = await measureLoop(world, loop, loops, values.quick ? 0 : SHORTEST_INTERVAL_MS);
    const bareNode = await measureBareNode(readMemory);
    say(`${stacks} stacks: the agent converges, then polls every 10 s`);
    const agent = await withAgent(SHORTEST_INTERVAL_MS, (one) => measureAgent(world, one, { ...steady, windows }));
    say(`${stacks} stacks: 100 polls without pauses, and pushes`);
    const rest = await withAgent(RAPID_PAUSE_MS, async (one) => {
      const rapidFigures = await measureAgent(world, one, rapid);
      const push = describePush(await measurePush(world, one, loop, stacks, pushes));
      return { rapid: rapidFigures, push, memoryAfterPushes: readMemory(one.pid) };
    });
    return { stacks, agent, loop: loopFigures, ...rest, bareNode };
  } finally {
    await world.close();
  }
}

async function measureHosts(): Promise<{
  readonly measured: readonly (Measured | GitFigures | DriftFigures | ReviewFigures)[];
  readonly rows: readonly Row[];
}> {
  const measured: Measured[] = [];
  for (const stacks of values.stacks) measured.push(await measure(Number(stacks)));
  return { measured, rows: measured.flatMap(describeFigures) };
}

async function measureRepositories(): ReturnType<typeof measureHosts> {
  const effort = values.quick
    ? { pushes: 30, windows: 1, polls: 5, pauseMs: 200 }
    : { pushes: 300, windows: 3, polls: 10, pauseMs: 1000 };
  const figures = await measureGit(effort, say);
  return { measured: [figures], rows: describeGitFigures(figures) };
}

async function measureDrifts(): ReturnType<typeof measureHosts> {
  const figures = await measureDrift(20, values.quick ? { audits: 5, heals: 3 } : { audits: 20, heals: 10 }, say);
  return { measured: [figures], rows: describeDriftFigures(figures) };
}

async function measureReviews(): ReturnType<typeof measureHosts> {
  const figures = await measureReview(values.quick ? 10 : 50, values.quick ? 2 : 5, say);
  return { measured: [figures], rows: describeReviewFigures(figures) };
}

const [what, ...rest] = positionals;
const measures = { git: measureRepositories, drift: measureDrifts, review: measureReviews } as const;
if (rest.length > 0 || (what !== undefined && !Object.hasOwn(measures, what))) {
  say(`what is measured is "git", "drift", "review" or, without a name, hosts; not "${positionals.join(" ")}"`);
  process.exit(1);
}
const { measured, rows } = what === undefined ? await measureHosts() : await measures[what as keyof typeof measures]();
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ node: process.version, measured, rows }, null, 2)}\n`);
console.log(renderTable(rows));
const missed = rows.filter((row) => row.met === false);
console.log(missed.length === 0 ? "\nEvery budget is met." : `\nNOT MET: ${missed.map((row) => row.figure).join("; ")}`);
process.exit(0);
