import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { listBlocks } from "../docs/read-pages.ts";
import { tagImage } from "../engine/load-images.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import type { Machine } from "./start-machine.ts";

/** The image of the test catalog, and the name that `holdfast init` writes. */
export const PAGE_IMAGE = "nginx:1.28.0-alpine";
const INIT_IMAGE = "nginx:1.28-alpine";
const ADDRESS = "https://git.example.org/me/infra.git";
const HERE = "/root/holdfast";

/**
 * Does on a machine what docs/getting-started.md says, word by word: only the address of the repository is that of the test. The
 * engine has to have `PAGE_IMAGE`.
 */
export async function followGettingStarted(machine: Machine): Promise<void> {
  const blocks = listBlocks().filter(
    ({ page, marker }) => page === "docs/getting-started.md" && marker.split(" ").includes("host"),
  );
  const [program, init, install, status, ...rest] = blocks.map(({ text }) => text.replaceAll(ADDRESS, machine.repositoryUrl));
  assert.ok(program && init && install && status && rest.length === 0, "the page has other steps than this test");
  await tagImage(machine.engine.socket, PAGE_IMAGE, INIT_IMAGE);
  await machine.sh(`mkdir ${HERE}; ln -s /release/* ${HERE}`);
  const { stdout } = await machine.run(["sh", "-eu"], { input: `cd ${HERE}\n${program}${init}`, timeoutMs: 120_000 });
  assert.match(stdout, /^desired-state\/hosts\/box\.yaml$/m);
  const revision = await push(machine);
  const installed = await machine.run(["sh", "-eu"], { input: `cd ${HERE}\n${install}`, timeoutMs: 300_000 });
  assert.match(installed.stdout, /^Holdfast \S+ runs: holdfast status$/m);
  await machine.waitHealthy(revision);
  const told = await machine.run(["sh", "-eu"], { input: status });
  assert.match(told.stdout, /^box {2}healthy/);
}

/** `init` writes down the platform of the machine. Its containers run on the engine of this one, whatever the machine is. */
function adapt(text: string): string {
  const here = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";
  return text.replace(/^platform: .*$/m, `platform: ${here}`);
}

/** What somebody does on a computer of their own. */
async function push(machine: Machine): Promise<string> {
  const directory = createTemporaryDirectory("hf-infra-");
  try {
    await machine.engine.docker(["cp", `${machine.name}:${HERE}/infra`, directory]);
    const root = join(directory, "infra");
    const paths = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = paths.map(({ parentPath, name }) => join(parentPath, name));
    return await machine.repository.commit(
      Object.fromEntries(files.map((file) => [file.slice(root.length + 1), adapt(readFileSync(file, "utf8"))])),
    );
  } finally {
    removeTemporaryDirectory(directory);
  }
}
