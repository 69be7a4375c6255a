import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../bundle.ts";
import { dropSymbols } from "./drop-symbols.ts";
import type { Runtime } from "./find-runtime.ts";
import { EXEC_ARGV } from "./targets.ts";

const run = promisify(execFile);
/** The names that Node.js looks for in its own executable. */
const RESOURCE = "NODE_SEA_BLOB";
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

export interface ExecutableRequest {
  readonly program: string;
  readonly runtime: Runtime;
  /** A Node.js of the target's version that runs here. */
  readonly builder: string;
  /** Compiled code in advance: half of the start-up. Only the target's own runtime can make it. */
  readonly codeCache: boolean;
  readonly output: string;
}

/** Writes one executable of the program and its Node.js. The same request gives the same bytes. */
export async function makeExecutable({ program, runtime, builder, codeCache, output }: ExecutableRequest): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "holdfast-release-"));
  try {
    await writeFile(join(work, "holdfast.cjs"), program);
    await writeFile(join(work, "node"), dropSymbols(runtime.binary));
    const configuration = {
      // Relative, because Node.js writes it into the blob.
      main: "holdfast.cjs",
      output: "blob",
      disableExperimentalSEAWarning: true,
      useCodeCache: codeCache,
      execArgv: EXEC_ARGV,
      // What an environment says about Node.js is not meant for the agent.
      execArgvExtension: "none",
    };
    await writeFile(join(work, "sea.json"), JSON.stringify(configuration));
    // V8 takes a code cache only with the flags that it was made with, the seed of its random numbers excepted: with a fixed one
    // the cache has the same bytes each time, and the agent's own hash tables are seeded at random all the same.
    const flags = [...EXEC_ARGV, "--random-seed=1", "--experimental-sea-config", "sea.json"];
    await run(builder, flags, { cwd: work, env: {} });
    const postject = join(ROOT, "node_modules/postject/dist/cli.js");
    await run(process.execPath, [postject, "node", RESOURCE, "blob", "--sentinel-fuse", FUSE], { cwd: work });
    await chmod(join(work, "node"), 0o755);
    await run("mv", ["-f", join(work, "node"), output]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
