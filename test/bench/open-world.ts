import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";
import { describeFleet } from "./fleet.ts";
import { readProcess } from "./read-process.ts";

/** An engine of its own for each side, so that both have the same work and neither sees the other's containers. */
export interface Side {
  readonly engine: Engine;
  /** Stands before the engine's socket, which is `socket`. */
  readonly requests: CountingProxy;
  readonly socket: string;
  /** CPU of dockerd and containerd since their start, in milliseconds. */
  engineCpuMs(): number;
}

export interface World {
  readonly directory: string;
  readonly git: GitServer;
  readonly repository: GitRepository;
  /** The repository's address through a proxy that writes down when something was asked. */
  readonly repositoryUrl: string;
  readonly gitRequests: CountingProxy;
  /** The first revision. */
  readonly revision: string;
  readonly holdfast: Side;
  readonly loop: Side;
  close(): Promise<void>;
}

/** Starts two engines and a Git server with a desired state of `stacks` stacks. */
export async function openWorld(stacks: number): Promise<World> {
  const directory = createTemporaryDirectory("hf-bench-");
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.reverse()) await end();
    removeTemporaryDirectory(directory);
  };
  try {
    const git = await startGitServer();
    opened.push(() => git.stop());
    const repository = await git.createRepository("infra.git");
    const revision = await repository.commit(describeFleet(stacks));
    const gitRequests = await startCountingProxy({ port: 0 }, { host: "127.0.0.1", port: Number(new URL(git.url).port) });
    opened.push(() => gitRequests.close());
    const openSide = async (name: string): Promise<Side> => {
      const side = await startSide(join(directory, `${name}.sock`));
      opened.push(async () => {
        await side.requests.close();
        await side.engine.stop();
      });
      return side;
    };
    const holdfast = await openSide("holdfast");
    const loop = await openSide("loop");
    const repositoryUrl = `http://127.0.0.1:${gitRequests.port}/infra.git`;
    return { directory, git, repository, repositoryUrl, gitRequests, revision, holdfast, loop, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startSide(socket: string): Promise<Side> {
  const engine = await startEngine();
  try {
    await loadImages(engine.socket, ["busybox:1.35"]);
    const requests = await startCountingProxy({ path: socket }, { path: engine.socket });
    return { engine, requests, socket, engineCpuMs: () => sumCpu(engine) };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** The two daemons; shims and runc come and go, and do nothing for a poll that finds nothing. */
function sumCpu({ pid, directory }: Engine): number {
  const containerd = Number(readFileSync(join(directory, "exec/containerd/containerd.pid"), "utf8"));
  return readProcess(pid()).cpuMs + readProcess(containerd).cpuMs;
}
