import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../lib/run-command.ts";
import type { Gpu } from "../model/machine.ts";
import { findCommand } from "./find-command.ts";

/** A GPU that sleeps takes seconds to answer. */
const TIMEOUT_MS = 20_000;
const QUERY = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"];
const DRM = "/sys/class/drm";
const VENDORS: Readonly<Record<string, "amd" | "intel">> = { "0x1002": "amd", "0x8086": "intel" };

export interface GpuSources {
  /** Absolute path of `nvidia-smi`; looked for otherwise. */
  readonly nvidiaSmi?: string;
  readonly drm?: string;
}

/** The GPUs of this machine: NVIDIA's as its driver tells them, the others as the kernel does. */
export async function listGpus(
  signal: AbortSignal,
  { nvidiaSmi, drm = DRM }: GpuSources = {},
): Promise<{ readonly gpus: readonly Gpu[]; readonly problem: string | undefined }> {
  const others = await readKernelGpus(drm);
  const command = nvidiaSmi ?? (await findCommand("nvidia-smi"));
  if (command === undefined) return { gpus: others, problem: "nvidia-smi is not installed" };
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  try {
    const { exitCode, stdout, stderr, timedOut } = await runCommand({ command, args: QUERY, env, timeoutMs: TIMEOUT_MS, signal });
    if (timedOut) return { gpus: others, problem: `nvidia-smi did not end within ${TIMEOUT_MS / 1000} s` };
    const [said = ""] = `${stderr}\n${stdout}`.split("\n").filter((line) => line.trim() !== "");
    if (exitCode !== 0) return { gpus: others, problem: `nvidia-smi failed: ${said.trim() || `exit code ${exitCode}`}` };
    return { gpus: [...parseNvidia(stdout), ...others], problem: undefined };
  } catch (cause) {
    if (signal.aborted) throw cause;
    return { gpus: others, problem: `nvidia-smi cannot be started: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

/** Lines such as `NVIDIA GeForce RTX 3090, 24576 MiB, 535.154.05`. */
export function parseNvidia(text: string): Gpu[] {
  return text.split("\n").flatMap((line): Gpu[] => {
    const [name, memory = "", driver] = line.split(",").map((part) => part.trim());
    if (name === undefined || name === "") return [];
    const mebibytes = /^(\d+) MiB$/.exec(memory)?.[1];
    return [
      {
        vendor: "nvidia",
        name,
        ...(mebibytes === undefined ? {} : { memoryBytes: Number(mebibytes) * 1024 * 1024 }),
        ...(driver === undefined ? {} : { driver }),
      },
    ];
  });
}

async function readKernelGpus(drm: string): Promise<Gpu[]> {
  const cards = (await readdir(drm).catch(() => [])).filter((name) => /^card\d+$/.test(name)).sort();
  const found = cards.map(async (card): Promise<Gpu[]> => {
    const read = async (name: string) => (await readFile(join(drm, card, "device", name), "utf8").catch(() => "")).trim();
    const vendor = VENDORS[await read("vendor")];
    if (vendor === undefined) return [];
    const memory = Number(await read("mem_info_vram_total"));
    return [{ vendor, name: `${vendor} ${await read("device")}`.trim(), ...(memory > 0 ? { memoryBytes: memory } : {}) }];
  });
  return (await Promise.all(found)).flat();
}
