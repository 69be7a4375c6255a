import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import type { EngineInfo, EngineUsage, ExecResult, PublishedPort } from "../model/engine.ts";
import { isHoldfastError } from "../model/error.ts";
import type { Engine } from "../ports.ts";
import { readFrames } from "./read-frames.ts";

/** Runs a request with a deadline, and throws `engine-*`; undefined for an accepted status. */
export type Ask = <T>(
  what: string,
  signal: AbortSignal,
  request: (signal: AbortSignal) => Promise<T>,
  options?: { readonly limitMs?: number; readonly accepted?: number[] },
) => Promise<T | undefined>;

type Details = Pick<Engine, "info" | "survey" | "imagePlatform" | "readStart" | "addressesOf" | "exec" | "isExecRunning">;

/** Containers that share each other's network would be followed in a circle otherwise. */
const MAX_HOPS = 4;
const LOOK_AGAIN_MS = 50;

/** What preflight and probes ask of an engine; no poll does. */
export function engineDetails(docker: Docker, ask: Ask): Details {
  async function addressesOf(id: string, signal: AbortSignal, hops: number): Promise<readonly string[]> {
    const found = await ask("look at a container", signal, (abortSignal) => docker.getContainer(id).inspect({ abortSignal }));
    const mode = found?.HostConfig.NetworkMode ?? "";
    if (mode === "host") return ["127.0.0.1"];
    if (mode.startsWith("container:")) return hops === 0 ? [] : addressesOf(mode.slice("container:".length), signal, hops - 1);
    const networks = Object.values(found?.NetworkSettings.Networks ?? {});
    return [...networks.map((one) => one.IPAddress), ...networks.map((one) => one.GlobalIPv6Address)].filter(Boolean);
  }

  async function runToEnd(exec: Docker.Exec, keep: (text: Buffer) => void, signal: AbortSignal) {
    const stream = (await exec.start({ abortSignal: signal })) as Readable;
    await readFrames(stream, keep);
    for (;;) {
      const { Running, ExitCode } = await exec.inspect({ abortSignal: signal });
      if (!Running) return ExitCode ?? -1;
      // It has closed its output and goes on.
      await delay(LOOK_AGAIN_MS, undefined, { signal });
    }
  }

  return {
    async info(signal) {
      return readInfo(await ask("describe itself", signal, (abortSignal) => get(docker, "/info", abortSignal)));
    },

    async survey(signal) {
      const networks = await ask("list networks", signal, (abortSignal) => docker.listNetworks({ abortSignal }));
      const volumes = await ask("list volumes", signal, (abortSignal) => docker.listVolumes({ abortSignal }));
      const containers = await ask("list containers", signal, (abortSignal) => docker.listContainers({ abortSignal }));
      return {
        containers: (containers ?? []).map(readOwner),
        networks: (networks ?? []).map((network) => network.Name).sort(),
        volumes: (volumes?.Volumes ?? []).map((volume) => volume.Name).sort(),
        published: (containers ?? []).flatMap(readPublished),
      };
    },

    async imagePlatform(reference, signal) {
      const options = { accepted: [404] };
      const image = await ask(
        "look at an image",
        signal,
        (abortSignal) => get(docker, `/images/${encodeURI(reference)}/json`, abortSignal),
        options,
      );
      return image === undefined ? undefined : `${image["Os"]}/${image["Architecture"]}`;
    },

    async readStart(id, signal) {
      const options = { accepted: [404] };
      const look = (abortSignal: AbortSignal) => docker.getContainer(id).inspect({ abortSignal });
      const found = await ask("look at a container", signal, look, options);
      return found === undefined ? undefined : { startedAt: found.State.StartedAt, restarts: found.RestartCount };
    },

    addressesOf: (id, signal) => addressesOf(id, signal, MAX_HOPS),

    async exec(request, signal): Promise<ExecResult> {
      const { containerId, command, timeoutMs, outputBytes } = request;
      const exec = await ask("run a command in the container", signal, (abortSignal) =>
        docker
          .getContainer(containerId)
          .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: false, abortSignal }),
      );
      if (exec === undefined) throw new Error("an exec that was refused and not told");
      let kept = Buffer.alloc(0);
      const keep = (text: Buffer): void => {
        kept = Buffer.concat([kept, text]).subarray(-outputBytes);
      };
      try {
        const exitCode = await ask("run a command in the container", signal, (limited) => runToEnd(exec, keep, limited), {
          limitMs: timeoutMs,
        });
        return { ended: true, exitCode: exitCode ?? -1, output: kept.toString("utf8") };
      } catch (cause) {
        if (signal.aborted || (isHoldfastError(cause) && cause.code === "engine-refused")) throw cause;
        // Whether the command is slow or the engine does not answer, the engine has to say.
        const state = await ask("look at a command", signal, (abortSignal) => exec.inspect({ abortSignal }));
        const output = kept.toString("utf8");
        if (state?.Running) return { ended: false, execId: exec.id, output };
        if (typeof state?.ExitCode !== "number") throw cause;
        return { ended: true, exitCode: state.ExitCode, output };
      }
    },

    async isExecRunning(execId, signal) {
      const request = (abortSignal: AbortSignal) => docker.getExec(execId).inspect({ abortSignal });
      return (await ask("look at a command", signal, request, { accepted: [404] }))?.Running ?? false;
    },
  };
}

/** The engine's names of machines, in the words of image platforms. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64", armv7l: "arm/v7", i686: "386" };

function readInfo(info: Answer = {}): EngineInfo {
  const text = (key: string): string => String(info[key] ?? "");
  return {
    version: text("ServerVersion"),
    platform: `${text("OSType")}/${ARCHITECTURES[text("Architecture")] ?? text("Architecture")}`,
    runtimes: Object.keys(info["Runtimes"] ?? {}).sort(),
    cgroupVersion: text("CgroupVersion") || "1",
    dataDirectory: text("DockerRootDir"),
    limitsSwap: info["SwapLimit"] === true,
    insecureRegistries: readInsecure(info["RegistryConfig"]),
  };
}

function readInsecure(configuration: unknown): string[] {
  const { InsecureRegistryCIDRs: blocks, IndexConfigs: registries } = (configuration ?? {}) as RegistryConfig;
  const named = Object.entries(registries ?? {}).filter(([, { Secure }]) => Secure === false);
  return [...(blocks ?? []), ...named.map(([name]) => name)].sort();
}

/** What dockerode has no type for. */
interface RegistryConfig {
  readonly InsecureRegistryCIDRs?: readonly string[] | null;
  readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> | null;
}

function readOwner({ Id, Names, Labels }: Docker.ContainerInfo): EngineUsage["containers"][number] {
  const project = Labels["com.docker.compose.project"];
  return { id: Id, name: (Names[0] ?? Id).replace(/^\//, ""), ...(project === undefined ? {} : { project }) };
}

function readPublished(info: Docker.ContainerInfo): PublishedPort[] {
  const { id: _id, name, ...owner } = readOwner(info);
  return info.Ports.filter(({ PublicPort }) => PublicPort !== undefined).map(({ IP, PublicPort, Type }) => ({
    // An engine without IPv6 leaves the address out.
    address: IP || "0.0.0.0",
    port: PublicPort,
    protocol: Type,
    container: name,
    ...owner,
  }));
}

type Answer = Readonly<Record<string, unknown>>;

// dockerode's own calls of these cannot be interrupted.
function get(docker: Docker, path: string, abortSignal: AbortSignal): Promise<Answer> {
  const statusCodes = { 200: true, 404: "no such object", 500: "server error" };
  return new Promise((resolve, reject) => {
    docker.modem.dial({ path, method: "GET", abortSignal, statusCodes }, (error: unknown, answer: unknown) => {
      if (error) reject(error);
      else resolve(answer as Answer);
    });
  });
}
