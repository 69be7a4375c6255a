import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import Docker from "dockerode";
import { catalog } from "../images/catalog.ts";
import { type PreparedImage, prepareImage, writeArchiveFolder } from "../images/image-archive.ts";
import { runCommand } from "./run-command.ts";

const CACHE = process.env["HOLDFAST_TEST_CACHE"] ?? "/var/cache/holdfast-test";
const BUILD_SCRIPT = join(import.meta.dirname, "../images/build-roots.sh");

/** Builds the root tars unless the cache has those of this script and this Node.js. Returns their folder. */
async function ensureRoots(): Promise<string> {
  const key = createHash("sha256").update(readFileSync(BUILD_SCRIPT)).update(process.version).update(process.arch).digest("hex");
  const roots = join(CACHE, `roots-${key.slice(0, 12)}`);
  await runCommand(["bash", BUILD_SCRIPT, roots, process.execPath], { timeoutMs: 600_000 });
  return roots;
}

async function findImageId(docker: Docker, name: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(name).inspect()).Id;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** Streams the folder's archive into the engine and waits for the engine's last word on it. */
async function sendArchive(docker: Docker, directory: string): Promise<void> {
  const tar = spawn("tar", ["-C", directory, "--dereference", "-cf", "-", "."], { stdio: ["ignore", "pipe", "inherit"] });
  const answer = (await docker.loadImage(tar.stdout, { quiet: true })) as unknown as Readable;
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  const failure = text.split("\n").find((line) => line.includes('"error"'));
  if (failure !== undefined) throw new Error(`the engine did not load the test images: ${failure}`);
}

/**
 * Puts test images into an engine, under the names that the Compose files use; all of the catalog by default. Images
 * that the engine has already are left alone. Returns name -> image id.
 */
export async function loadImages(socket: string, names?: readonly string[]): Promise<Record<string, string>> {
  const unknown = names?.filter((name) => !catalog.some((image) => image.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`not in test/images/catalog.ts: ${unknown.join(", ")}`);
  const wanted = catalog.filter((image) => names === undefined || names.includes(image.name));
  const docker = new Docker({ socketPath: socket });
  const roots = await ensureRoots();
  const work = mkdtempSync(join(tmpdir(), "hf-images-"));
  try {
    const missing: PreparedImage[] = [];
    const ids: Record<string, string> = {};
    for (const definition of wanted) {
      const image = await prepareImage(definition, roots, work);
      ids[image.name] = image.id;
      if ((await findImageId(docker, image.name)) !== image.id) missing.push(image);
    }
    if (missing.length > 0) {
      writeArchiveFolder(missing, join(work, "archive"));
      await sendArchive(docker, join(work, "archive"));
    }
    return ids;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Gives a local image another name. Moving a tag that is in use is how a test makes `image-local` drift. */
export async function tagImage(socket: string, source: string, target: string): Promise<void> {
  const { repository, tag } = splitName(target);
  await new Docker({ socketPath: socket }).getImage(source).tag({ repo: repository, tag });
}

export interface Variant {
  /** Environment variables that the new image adds. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The new image's command, word by word. */
  readonly command?: readonly string[];
}

/** Makes another image out of `source` and names it `target` (the same name moves the tag). Returns the new image's id. */
export async function commitVariant(socket: string, source: string, target: string, variant: Variant = {}): Promise<string> {
  const docker = new Docker({ socketPath: socket });
  const { repository, tag } = splitName(target);
  const container = await docker.createContainer({ Image: source, Cmd: ["true"] });
  try {
    const quoted = (pairs: Readonly<Record<string, string>> = {}) =>
      Object.entries(pairs).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const original = (await docker.getImage(source).inspect()).Config.Cmd ?? [];
    const changes = [
      ...quoted(variant.environment).map((pair) => `ENV ${pair}`),
      // Without a label of its own, a variant would differ in nothing but its time.
      ...quoted({ "test.variant": new Date().toISOString(), ...variant.labels }).map((pair) => `LABEL ${pair}`),
      `CMD ${JSON.stringify(variant.command ?? original)}`,
    ];
    const committed = (await container.commit({ repo: repository, tag, changes })) as { Id: string };
    return committed.Id;
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** Splits "name:tag"; a colon before the last slash belongs to a registry's port. */
function splitName(name: string): { repository: string; tag: string } {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return colon < 0 ? { repository: name, tag: "latest" } : { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}
