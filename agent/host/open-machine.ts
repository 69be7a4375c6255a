import { readFile } from "node:fs/promises";
import { arch, networkInterfaces, platform, release } from "node:os";
import { canonicalAddress } from "../lib/ip-address.ts";
import type { MachineFacts } from "../model/machine.ts";
import type { Machine } from "../ports/machine.ts";
import { createDirectory } from "./create-directory.ts";
import { findCommand } from "./find-command.ts";
import { listGpus } from "./list-gpus.ts";
import { listListeners } from "./list-listeners.ts";
import { readPath } from "./read-path.ts";

const PLATFORMS: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386" };

/** The machine that this process runs on. */
export function openMachine(): Machine {
  return {
    async read(request, signal): Promise<MachineFacts> {
      const { paths, commands, ports } = request;
      const found = await Promise.all(paths.map(async (path) => [path, await readPath(path, signal)] as const));
      const { gpus, problem } = request.gpus ? await listGpus(signal) : { gpus: [], problem: undefined };
      return {
        kernel: release(),
        platform: `${platform()}/${PLATFORMS[arch()] ?? arch()}`,
        memory: await readMemory(),
        addresses: listAddresses(),
        bindsAnyAddress: await canBindAnyAddress(),
        paths: Object.fromEntries(found),
        commands: Object.fromEntries(await Promise.all(commands.map(async (name) => [name, await findCommand(name)] as const))),
        listeners: await listListeners(ports),
        gpus,
        ...(problem === undefined ? {} : { gpuProblem: problem }),
      };
    },
    createDirectory,
  };
}

async function readMemory(): Promise<MachineFacts["memory"]> {
  const text = await readFile("/proc/meminfo", "utf8");
  const bytesOf = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { totalBytes: bytesOf("MemTotal"), availableBytes: bytesOf("MemAvailable") };
}

function listAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? []);
  return [...new Set(all.map(({ address }) => canonicalAddress(address) ?? address))].sort();
}

async function canBindAnyAddress(): Promise<boolean> {
  const setting = await readFile("/proc/sys/net/ipv4/ip_nonlocal_bind", "utf8").catch(() => "0");
  return setting.trim() === "1";
}
