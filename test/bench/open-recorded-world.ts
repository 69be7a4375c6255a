import { join } from "node:path";
import { followSource } from "../../agent/reconcile/follow-source.ts";
import { loadImages } from "../engine/load-images.ts";
import { startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";
import { describeFleet, nameStacks } from "./fleet.ts";
import { type BenchedAgent, openAgent } from "./open-agent.ts";
import { type Recording, record, startRecordedEngine } from "./start-recorded-engine.ts";

export interface RecordedWorld {
  readonly agent: BenchedAgent;
  readonly socket: string;
  readonly proxy: CountingProxy;
  close(): Promise<void>;
}

/** An agent on a host of many stacks, of which a real engine made the first one. */
export async function openRecordedWorld(stacks: number, services: number): Promise<RecordedWorld> {
  const directory = createTemporaryDirectory("hf-bench-");
  const opened: (() => unknown)[] = [() => removeTemporaryDirectory(directory)];
  const close = async (): Promise<void> => {
    for (const end of opened.reverse()) await end();
  };
  try {
    const git = await startGitServer();
    opened.push(() => git.stop());
    const commit = async (name: string, count: number): Promise<string> => {
      const repository = await git.createRepository(`${name}.git`);
      await repository.commit(describeFleet(count, services));
      return repository.url;
    };
    const recording = await recordOne(join(directory, "one"), await commit("one", 1));
    const socket = join(directory, "recorded.sock");
    const proxied = join(directory, "counted.sock");
    const proxy = await startCountingProxy({ path: proxied }, { path: socket });
    opened.push(() => proxy.close());
    const repositoryUrl = await commit("many", stacks);
    const agent = await openAgent({ directory: join(directory, "many"), repositoryUrl, socket: proxied, directSocket: socket });
    opened.push(() => agent.close());
    const { signal } = new AbortController();
    await followSource(agent.ports, agent.memory, signal, true);
    const { desired } = agent.memory;
    if (desired === undefined) throw new Error("the desired state of the benchmark is not accepted");
    const engine = await startRecordedEngine(socket, directory, recording, desired);
    opened.push(() => engine.close());
    // Places the files, and then is verified.
    agent.memory.watch.streaming = true;
    await waitUntil(
      "every stack is verified",
      async () => {
        await agent.tick("cpu", { poll: false });
        return agent.memory.quiet;
      },
      { timeoutMs: 120_000, intervalMs: 1_000 },
    );
    return { agent, socket, proxy, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function recordOne(directory: string, repositoryUrl: string): Promise<Recording> {
  const engine = await startEngine();
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  try {
    await loadImages(engine.socket, ["busybox:1.35"]);
    const { socket } = engine;
    const agent = await openAgent({ directory, repositoryUrl, socket, directSocket: socket });
    running = agent.loop.run(stop.signal).finally(() => agent.close());
    running.catch(() => undefined);
    await waitUntil("the stack is verified", async () => agent.memory.quiet, { timeoutMs: 120_000, intervalMs: 250 });
    return await record(socket, nameStacks(1)[0] ?? "");
  } finally {
    stop.abort();
    await running?.catch(() => undefined);
    await engine.stop();
  }
}
