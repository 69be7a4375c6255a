// The agent's own way to a repository in a process of its own, so that its CPU is no one else's. Told by messages what to do.
import { setTimeout as delay } from "node:timers/promises";
import { openSource } from "../../agent/git/open-source.ts";

export interface FollowRequest {
  /** Polls that find nothing, with a pause before each; or none, and what the branch names now is fetched. */
  readonly polls: number;
  readonly pauseMs: number;
}

/** User and kernel time of the whole process, in milliseconds. */
export interface FollowAnswer {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly revision: string;
}

const [url = "", gitDirectory = ""] = process.argv.slice(2);
const source = openSource({ url, gitDirectory });
const signal = new AbortController().signal;

async function follow({ polls, pauseMs }: FollowRequest): Promise<FollowAnswer> {
  const [cpu, startMs] = [process.cpuUsage(), performance.now()];
  let tip = polls === 0 ? await source.readTip(signal) : undefined;
  if (tip !== undefined) await source.fetch(tip, signal);
  for (let poll = 0; poll < polls; poll += 1) {
    await delay(pauseMs);
    tip = await source.readTip(signal);
  }
  source.release();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startMs, revision: tip?.revision ?? "" };
}

process.on("message", (request: FollowRequest) => {
  follow(request).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
