import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import type { ImageDefinition } from "./catalog.ts";

/** A tar that becomes one layer; its digest (sha256, hexadecimal) is the layer's identity in every image that has it. */
interface Layer {
  readonly path: string;
  readonly digest: string;
}

export interface PreparedImage {
  readonly name: string;
  /** "sha256:…": what the engine calls the image once it is loaded. */
  readonly id: string;
  readonly config: string;
  readonly layers: readonly Layer[];
}

const FILES = join(import.meta.dirname, "files");

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386" };

function hash(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function readRootLayer(roots: string, name: string): Layer {
  const path = join(roots, `${name}.tar`);
  return { path, digest: readFileSync(`${path}.sha256`, "utf8").trim() };
}

/** Packs a folder of `files/` with fixed times and owners, so that the same content is the same layer everywhere. */
async function packFiles(folder: string, directory: string): Promise<Layer> {
  const path = join(directory, `files-${folder}.tar`);
  const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rw,go+r-w,a+X"];
  await runCommand(["tar", "-C", join(FILES, folder), ...fixed, "-cf", path, "."]);
  return { path, digest: hash(readFileSync(path)) };
}

function describeConfig(image: ImageDefinition, layers: readonly Layer[]): string {
  const keys = (names: readonly string[] = []) => Object.fromEntries(names.map((name) => [name, {}]));
  const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...image.environment };
  return JSON.stringify({
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      ...(image.entrypoint && { Entrypoint: image.entrypoint }),
      Cmd: image.command,
      WorkingDir: "/",
      ExposedPorts: keys(image.ports),
      Volumes: keys(image.volumes),
      ...(image.stopSignal && { StopSignal: image.stopSignal }),
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${layer.digest}`) },
    history: layers.map((layer) => ({ created: "1970-01-01T00:00:00Z", created_by: basename(layer.path) })),
  });
}

/** Works out an image's layers and configuration. `directory` receives the small tars of its own files. */
export async function prepareImage(image: ImageDefinition, roots: string, directory: string): Promise<PreparedImage> {
  const layers = image.roots.map((name) => readRootLayer(roots, name));
  for (const folder of image.files ?? []) layers.push(await packFiles(folder, directory));
  const config = describeConfig(image, layers);
  return { name: image.name, id: `sha256:${hash(config)}`, config, layers };
}

/**
 * Lays out what `docker save` would write, with links in place of the layers: `tar --dereference` of the directory is
 * an archive that any engine loads, and a layer that several images share is in it once.
 */
export function writeArchiveFolder(images: readonly PreparedImage[], directory: string): void {
  mkdirSync(directory, { recursive: true });
  const linked = new Set<string>();
  for (const image of images) {
    writeFileSync(join(directory, `${image.id.slice(7)}.json`), image.config);
    for (const layer of image.layers) {
      if (linked.has(layer.digest)) continue;
      linked.add(layer.digest);
      symlinkSync(layer.path, join(directory, `${layer.digest}.tar`));
    }
  }
  const manifest = images.map((image) => ({
    Config: `${image.id.slice(7)}.json`,
    RepoTags: [image.name],
    Layers: image.layers.map((layer) => `${layer.digest}.tar`),
  }));
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
}
