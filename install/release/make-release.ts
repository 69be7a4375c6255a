import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { bundleProgram, ROOT, readVersion } from "../bundle.ts";
import { describeBom } from "./describe-bom.ts";
import { embedUnits } from "./embed-units.ts";
import { fetchPackage, findRuntime, type GivenRuntime } from "./find-runtime.ts";
import { collectLicenses, listPackages } from "./list-packages.ts";
import { makeExecutable } from "./make-executable.ts";
import { NODE_VERSION, type Platform, type Target } from "./targets.ts";

const run = promisify(execFile);
const compress = promisify(gzip);
/** Platforms whose executable gets a code cache, whatever machine makes it: that of the machines that releases are made on. */
const CODE_CACHE: readonly Platform[] = ["linux-x64"];

export interface ReleaseRequest {
  readonly targets: readonly Target[];
  /** Runtimes that were given by hand, by platform. */
  readonly runtimes: ReadonlyMap<string, GivenRuntime>;
  readonly output: string;
  /** What it is made from; asked from Git when absent. */
  readonly source?: ReleaseSource;
}

export interface ReleaseSource {
  readonly commit: string;
  /** When the commit was made, ISO 8601. */
  readonly date: string;
}

export interface Made {
  readonly file: string;
  readonly sha256: string;
}

/** Writes a release and returns its files. The same commit gives the same bytes. */
export async function makeRelease({ targets, runtimes, output, source }: ReleaseRequest): Promise<Made[]> {
  await mkdir(output, { recursive: true });
  const { commit, date } = source ?? (await askGit());
  const { text, inputs } = await bundleProgram({ format: "cjs", commit });
  const used = new Map<Platform, string>();
  const files: string[] = [];
  for (const target of targets) {
    const { platform } = target;
    const runtime = await findRuntime(target, runtimes.get(platform));
    const file = join(resolve(output), `holdfast-${platform}`);
    const codeCache = CODE_CACHE.includes(platform);
    const builder = codeCache ? runtime.path : process.execPath;
    await checkBuilder(builder, platform);
    await makeExecutable({ program: text, runtime, builder, codeCache, output: file });
    await writeFile(`${file}.gz`, await compress(await readFile(file), { level: 6 }));
    files.push(file, `${file}.gz`);
    used.set(platform, runtime.sha256);
  }
  const packages = await listPackages(inputs);
  const version = await readVersion();
  const [first] = targets;
  if (first === undefined) throw new Error("no platform is named");
  const written: [string, string][] = [
    ["holdfast.cdx.json", describeBom({ version, commit, date, packages, runtimes: used, nodeParts: process.versions })],
    ["install.sh", await embedUnits()],
    ["LICENSES.txt", await collectLicenses(packages, (await fetchPackage(first)).license)],
  ];
  for (const [name, content] of written) {
    await writeFile(join(output, name), content);
    files.push(join(output, name));
  }
  const made = await Promise.all(files.map(async (file) => ({ file: basename(file), sha256: await hash(file) })));
  await writeFile(join(output, "SHA256SUMS"), made.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(""));
  return made;
}

/** What the release is made from; `-dirty` when the working tree is not what was committed. */
async function askGit(): Promise<ReleaseSource> {
  const git = async (...args: string[]) => (await run("git", args, { cwd: ROOT })).stdout.trim();
  const dirty = (await git("status", "--porcelain")) === "" ? "" : "-dirty";
  return { commit: `${(await git("rev-parse", "HEAD")).slice(0, 12)}${dirty}`, date: await git("show", "-s", "--format=%cI") };
}

/** A blob, and above all a code cache, belongs to one version of Node.js. */
async function checkBuilder(builder: string, platform: Platform): Promise<void> {
  const { stdout } = await run(builder, ["--version"], { env: {} }).catch((cause: unknown) => {
    throw new Error(`${builder} does not run here, and only it can make the executable for ${platform}`, { cause });
  });
  if (stdout.trim() !== `v${NODE_VERSION}`) throw new Error(`${builder} is ${stdout.trim()}, and should be v${NODE_VERSION}`);
}

async function hash(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}
