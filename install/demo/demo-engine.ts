import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadImages } from "../../test/engine/load-images.ts";
import { runCommand } from "../../test/engine/run-command.ts";
import { pingEngine, startEngine } from "../../test/engine/start-engine.ts";
import { type Site, STORAGE } from "./site.ts";

/** The engine that plays the host. */
export interface DemoEngine {
  readonly socket: string;
  /** Starts a command in the network of the host. */
  onHost(argv: readonly string[]): string[];
  /** Variables of the host file, when they cannot be the example's. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Where the reverse proxy's ports are published. */
  readonly address: string;
  /** One line for the screen. */
  readonly description: string;
  /** Removes everything that the demo made in it. */
  stop(): Promise<void>;
}

export const STACKS = ["proxy", "pihole", "ai"] as const;
const NETWORK = "self-hosted";
const ADDRESS = "100.64.0.5";
/** Any address of the loopback network can be bound to without being configured; this one is nobody's. */
const LOOPBACK_ADDRESS = "127.100.64.5";

/** Starts a private engine: its own network namespace, its own data root, and its own view of /cold-storage. */
export async function openOwnEngine(site: Site): Promise<DemoEngine> {
  const path = process.env["PATH"];
  process.env["PATH"] = `${writeDaemonWrapper(site)}:${path}`;
  try {
    const engine = await startEngine({ directory: site.directory, addresses: [ADDRESS] });
    return {
      socket: engine.socket,
      onHost: engine.enter,
      address: ADDRESS,
      description: `Docker engine ${await readVersion(engine.socket)}, private: network namespace ${engine.netns}`,
      stop: engine.stop,
    };
  } finally {
    process.env["PATH"] = path;
  }
}

/** Uses an engine that runs already. Throws when it cannot run the example, or runs something of the same names. */
export async function openGivenEngine(site: Site, socket: string): Promise<DemoEngine> {
  if (!(await pingEngine(socket))) throw new Error(`no Docker engine answers at ${socket}`);
  const docker = async (...args: string[]) => (await runCommand(["docker", "-H", `unix://${socket}`, ...args])).stdout.trim();
  const runtimes = await docker("info", "--format", "{{json .Runtimes}}");
  if (!runtimes.includes('"nvidia"'))
    throw new Error(`the engine at ${socket} has no runtime "nvidia", which the example host's stacks ask for`);
  for (const stack of STACKS) {
    if ((await docker("ps", "-aq", "--filter", `label=com.docker.compose.project=${stack}`)) !== "")
      throw new Error(`the engine at ${socket} runs a project "${stack}" already, which the demo would take for its own`);
  }
  if ((await docker("network", "ls", "-q", "--filter", `name=^${NETWORK}$`)) !== "")
    throw new Error(`the engine at ${socket} has a network "${NETWORK}" already, which the demo would remove`);
  return {
    socket,
    onHost: (argv) => [...argv],
    address: LOOPBACK_ADDRESS,
    vars: { BIND_IP: LOOPBACK_ADDRESS, STORAGE: site.storage },
    description: `Docker engine ${await readVersion(socket)} at ${socket}, as asked; test images stay in it`,
    stop: () => removeStacks(socket),
  };
}

/** Removes the example's containers and network from an engine that is not the demo's. */
export async function removeStacks(socket: string): Promise<void> {
  const docker = async (...args: string[]) => (await runCommand(["docker", "-H", `unix://${socket}`, ...args])).stdout;
  for (const stack of STACKS) {
    const ids = (await docker("ps", "-aq", "--filter", `label=holdfast.stack=${stack}`)).split("\n").filter(Boolean);
    if (ids.length > 0) await docker("rm", "--force", "--volumes", ...ids);
  }
  const networks = await docker("network", "ls", "-q", "--filter", `name=^${NETWORK}$`);
  if (networks.trim() !== "") await docker("network", "rm", NETWORK);
}

/** Loads the images that the example's Compose files name. Returns how many there are. */
export async function loadStackImages(socket: string): Promise<number> {
  const names = ["jc21/nginx-proxy-manager:2.12.6", "pihole/pihole:2025.11.0", "ollama/ollama:0.13.5"];
  const more = ["ghcr.io/ai-dock/comfyui:v2-cuda-12.1.1-base-22.04-v0.2.7", "ghcr.io/open-webui/open-webui:v0.6.41"];
  return Object.keys(await loadImages(socket, [...names, ...more])).length;
}

/**
 * The daemon sees the demo's directory at /cold-storage, in a mount namespace of its own, so that the unedited Compose
 * files can be used and the machine's /cold-storage is neither read nor written. Everything that it mounts ends with it.
 */
function writeDaemonWrapper(site: Site): string {
  const directory = join(site.directory, "daemon");
  const path = join(directory, "dockerd");
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    path,
    `#!/bin/sh
PATH=\${PATH#*:}
exec unshare --mount --propagation slave -- \\
  sh -c 'mount --bind "$1" "$2" && shift 2 && exec dockerd "$@"' sh ${site.storage} ${STORAGE} "$@"
`,
  );
  chmodSync(path, 0o755);
  return directory;
}

async function readVersion(socket: string): Promise<string> {
  return (await runCommand(["docker", "-H", `unix://${socket}`, "version", "--format", "{{.Server.Version}}"])).stdout.trim();
}
