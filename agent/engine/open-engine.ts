import { Agent } from "node:http";
import type { Readable } from "node:stream";
import { inspect } from "node:util";
import Docker from "dockerode";
import { isDeadlinePassed, withDeadline } from "../lib/with-deadline.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";
import type { ObservedContainer } from "../model/observed.ts";
import type { Engine } from "../ports.ts";
import { engineDetails } from "./engine-details.ts";
import { readContainer } from "./read-container.ts";
import { readDetails } from "./read-details.ts";
import { readLog } from "./read-log.ts";
import { readNetwork } from "./read-network.ts";
import { readVolume } from "./read-volume.ts";
import { EVENT_FILTERS, readEvents } from "./watch-events.ts";
import { writeEndpoint } from "./write-endpoint.ts";
import { writeLimits } from "./write-limits.ts";

export interface EngineOptions {
  /** The engine's Unix socket. */
  readonly socket: string;
  /** How long one request may take, stopping a container excepted. */
  readonly timeoutMs?: number;
}

const STOP_SLACK_MS = 60_000;

/** The Docker engine behind a Unix socket, over one kept-alive connection. */
export function openEngine({ socket, timeoutMs = 30_000 }: EngineOptions): Engine {
  // dockerode describes the options of every request for a debug log that is off, this agent with its sockets included: a sixth
  // of a poll's CPU.
  const agent = Object.assign(new Agent({ keepAlive: true, maxSockets: 8 }), { [inspect.custom]: () => "Agent" });
  const options = { socketPath: socket, agent };
  const docker = new Docker(options);

  /** Runs a request with a deadline; `accepted` are statuses that mean the work is done already. */
  async function ask<T>(
    what: string,
    signal: AbortSignal,
    request: (signal: AbortSignal) => Promise<T>,
    options: { limitMs?: number; accepted?: number[] } = {},
  ) {
    return withDeadline(options.limitMs ?? timeoutMs, signal, async (limited) => {
      try {
        // On a kept-alive connection an answer can come before Node.js looks at the signal.
        limited.throwIfAborted();
        return await request(limited);
      } catch (cause) {
        if (options.accepted?.includes(statusOf(cause) ?? 0)) return undefined;
        throw describeError(what, socket, cause, limited);
      }
    });
  }

  // 304: stopped, 404: gone.
  async function stop(id: string, signal: AbortSignal): Promise<void> {
    await ask("stop container", signal, (abortSignal) => docker.getContainer(id).stop({ abortSignal }), {
      limitMs: timeoutMs + STOP_SLACK_MS,
      accepted: [304, 404],
    });
  }

  return {
    ...engineDetails(docker, ask),

    async listContainers(signal) {
      const list = await ask("list containers", signal, (abortSignal) => docker.listContainers({ all: true, abortSignal }));
      return (list ?? []).map(readContainer).filter((container): container is ObservedContainer => container !== undefined);
    },

    async listImages(signal) {
      const list = await ask("list images", signal, (abortSignal) => docker.listImages({ abortSignal }));
      return (list ?? []).map((image) => ({ id: image.Id, tags: image.RepoTags ?? [], digests: image.RepoDigests ?? [] }));
    },

    async inspectContainer(id, signal) {
      const info = await ask("inspect container", signal, (abortSignal) => docker.getContainer(id).inspect({ abortSignal }), {
        accepted: [404],
      });
      return info === undefined ? undefined : readDetails(info);
    },

    async listNetworks(signal) {
      const list = await ask("list networks", signal, (abortSignal) => docker.listNetworks({ abortSignal }));
      return (list ?? []).map(readNetwork);
    },

    async listVolumes(signal) {
      const answer = await ask("list volumes", signal, (abortSignal) => docker.listVolumes({ abortSignal }));
      return (answer?.Volumes ?? []).map(readVolume);
    },

    async rename(id, name, signal) {
      await ask("rename container", signal, (abortSignal) => docker.getContainer(id).rename({ name, abortSignal })).catch(
        (cause) => {
          throw describeConflict(cause, name);
        },
      );
    },

    async connect(id, network, endpoint, signal) {
      await ask("connect container", signal, (abortSignal) => {
        const options = { Container: id, EndpointConfig: writeEndpoint(endpoint), abortSignal };
        return docker.getNetwork(encodeURIComponent(network)).connect(options);
      });
    },

    // By force, since a network that is gone cannot be left otherwise.
    async disconnect(id, network, signal) {
      const options = { Container: id, Force: true };
      await ask("disconnect container", signal, (abortSignal) =>
        docker.getNetwork(encodeURIComponent(network)).disconnect({ ...options, abortSignal }),
      ).catch((cause) => {
        if (!isHoldfastError(cause) || !/is not connected to/.test(cause.message)) throw cause;
      });
    },

    async update(id, limits, signal) {
      await ask("update container", signal, (abortSignal) =>
        docker.getContainer(id).update({ ...writeLimits(limits), abortSignal }),
      );
    },

    // 304: it runs already.
    async start(id, signal) {
      await ask("start container", signal, (abortSignal) => docker.getContainer(id).start({ abortSignal }), { accepted: [304] });
    },

    async unpause(id, signal) {
      await ask("unpause container", signal, (abortSignal) => docker.getContainer(id).unpause({ abortSignal }));
    },

    async restart(id, signal) {
      await ask("restart container", signal, (abortSignal) => docker.getContainer(id).restart({ abortSignal }), {
        limitMs: timeoutMs + STOP_SLACK_MS,
      });
    },

    stop,

    async readLog(id, lines, signal) {
      const options = { stdout: true, stderr: true, tail: lines, follow: false as const };
      const log = await ask(
        "read log",
        signal,
        async (abortSignal) => {
          const container = docker.getContainer(id);
          const { Config } = await container.inspect({ abortSignal });
          return readLog(await container.logs({ ...options, abortSignal }), Config.Tty);
        },
        { accepted: [404] },
      );
      return (log ?? []).slice(-lines);
    },

    async removeNetworks(project, signal) {
      const filters = { label: [`com.docker.compose.project=${project}`] };
      const found = await ask("list networks", signal, (abortSignal) => docker.listNetworks({ filters, abortSignal }));
      const left: string[] = [];
      for (const { Id, Name } of found ?? []) {
        // 404: gone; 403: in use.
        const removed = await ask(
          "remove network",
          signal,
          async (abortSignal) => {
            await docker.getNetwork(Id).remove({ abortSignal });
            return true;
          },
          { accepted: [403, 404] },
        );
        if (!removed) left.push(Name);
      }
      return left;
    },

    async tagImage(id, name, signal) {
      const [repo = name, tag] = splitTag(name);
      await ask("tag image", signal, (abortSignal) =>
        docker.getImage(id).tag({ repo, ...(tag === undefined ? {} : { tag }), abortSignal }),
      );
    },

    async untagImage(name, signal) {
      // 404: gone; 409: a container uses it, by this name alone.
      await ask("untag image", signal, (abortSignal) => docker.getImage(name).remove({ abortSignal }), { accepted: [404, 409] });
    },

    async kill(id, name, signal) {
      await ask("signal container", signal, (abortSignal) => docker.getContainer(id).kill({ signal: `SIG${name}`, abortSignal }));
    },

    // Stopped first, so that the container gets its own grace period; `v` is never given, so its volumes stay. 404: gone.
    async remove(id, signal) {
      await stop(id, signal);
      await ask("remove container", signal, (abortSignal) => docker.getContainer(id).remove({ abortSignal }), {
        accepted: [404],
      });
    },

    async watchEvents(sinceMs, { onOpen, onEvent }, signal) {
      const since = Math.floor(sinceMs) / 1000;
      const ended = new AbortController();
      const end = (): void => ended.abort();
      signal.addEventListener("abort", end, { once: true });
      try {
        // The deadline is that of the answer's head; what follows lasts as long as it lasts.
        const stream = await ask("watch events", signal, (limited) => {
          limited.addEventListener("abort", end, { once: true });
          return docker.getEvents({ since, filters: EVENT_FILTERS, abortSignal: ended.signal });
        });
        onOpen();
        await readEvents(stream as Readable, onEvent);
      } catch (cause) {
        if (signal.aborted) return;
        throw isHoldfastError(cause) ? cause : describeError("watch events", socket, cause, signal);
      } finally {
        signal.removeEventListener("abort", end);
        // A stream that nobody reads any more would keep its connection.
        end();
      }
    },
  };
}

function describeError(what: string, socket: string, cause: unknown, signal: AbortSignal): HoldfastError {
  const late = isDeadlinePassed(signal.reason);
  if (signal.aborted && !late) return holdfastError("aborted", `${what}: interrupted`, { handling: "transient", cause });
  const status = statusOf(cause);
  if (status !== undefined)
    return holdfastError("engine-refused", `engine cannot ${what}: ${messageOf(cause)}`, { handling: "transient", cause });
  const reason = late ? "it does not answer" : messageOf(cause);
  return holdfastError("engine-unreachable", `the Docker engine at ${socket} cannot be reached: ${reason}`, {
    handling: "transient",
    hint: "is the engine running (`systemctl status docker`), and is docker.socket in agent.yaml right?",
    cause,
  });
}

function splitTag(name: string): string[] {
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? [name.slice(0, colon), name.slice(colon + 1)] : [name];
}

/** In the engine's words it takes three sentences, and names the other container by its id only. */
function describeConflict(cause: unknown, name: string): unknown {
  const [, holder = ""] = /already in use by container "([0-9a-f]+)"/.exec(cause instanceof Error ? cause.message : "") ?? [];
  if (holder === "") return cause;
  const message = `the name ${name} is taken by container ${holder.slice(0, 12)}, which is not this one's`;
  const hint = `remove that container, or give it another name: docker rename ${holder.slice(0, 12)} OTHER`;
  return holdfastError("engine-refused", message, { handling: "transient", hint, cause });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : undefined;
}

// dockerode puts the engine's own sentence into `json.message`, and the status before it in `message`.
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const json = "json" in error ? (error.json as { message?: string } | null) : undefined;
  return json?.message ?? error.message;
}
