// Measures the agent beside what a user would write instead and prints one table. A budget that is missed is told, and
// is no failure: times depend on the machine.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeFigures, type Measured, renderTable } from "./describe-figures.ts";
import { measureAgent, measureLoop } from "./measure-polls.ts";
import { describePush, measureBareNode, measurePush } from "./measure-push.ts";
import { openWorld } from "./open-world.ts";
import { readMemory } from "./read-process.ts";
import { startAgent } from "./start-agent.ts";
import { createLoop } from "./start-loop.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    stacks: { type: "string", multiple: true, default: ["20", "1"] },
    quick: { type: "boolean", default: false },
  },
});
const effort = values.quick ? { loops: 2, windows: 2, polls: 50, pushes: 2 } : { loops: 5, windows: 5, polls: 200, pushes: 10 };

/** Between two polls of the agent under test. */
const PAUSE_MS = 50;

const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);

async function measure(stacks: number): Promise<Measured> {
  say(`${stacks} stacks: starting two engines and a Git server`);
  const world = await openWorld(stacks);
  try {
    const loop = await createLoop(world.directory, world.repositoryUrl, world.loop.socket);
    say(`${stacks} stacks: the loop`);
    const loopFigures = await measureLoop(world, loop, effort.loops);
    const bareNode = await measureBareNode(readMemory);
    say(`${stacks} stacks: the agent converges`);
    const agent = startAgent({
      directory: join(world.directory, "agent"),
      repositoryUrl: world.repositoryUrl,
      socket: world.holdfast.socket,
      pauseMs: PAUSE_MS,
    });
    try {
      await agent.waitHealthy(world.revision, 60_000 + stacks * 10_000);
      say(`${stacks} stacks: the agent polls`);
      const agentFigures = await measureAgent(world, agent, effort);
      say(`${stacks} stacks: pushes`);
      const push = await measurePush(world, agent, loop, stacks, effort.pushes);
      const memoryAfterPushes = readMemory(agent.pid);
      say(JSON.stringify({ loopFigures, agentFigures, push }));
      return { stacks, agent: agentFigures, loop: loopFigures, push: describePush(push), memoryAfterPushes, bareNode };
    } finally {
      await agent.stop();
    }
  } finally {
    await world.close();
  }
}

const measured: Measured[] = [];
for (const stacks of values.stacks) measured.push(await measure(Number(stacks)));
const rows = measured.flatMap(describeFigures);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ node: process.version, measured, rows }, null, 2)}\n`);
console.log(renderTable(rows));
const missed = rows.filter((row) => row.met === false);
console.log(missed.length === 0 ? "\nEvery budget is met." : `\nNOT MET: ${missed.map((row) => row.figure).join("; ")}`);
process.exit(0);
