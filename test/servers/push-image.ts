import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { Agent, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createTemporaryDirectory, removeTemporaryDirectory } from "./temporary-directory.ts";

export interface PushTarget {
  /** The registry's address. */
  readonly url: string;
  readonly repository: string;
  /** The `Authorization` header of every request. */
  readonly authorization?: string;
  /** PEM of the authority of a registry with TLS. */
  readonly ca?: string;
}

export interface PushedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

const OCI = "application/vnd.oci.image";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386" };

/** This machine's architecture, as images name it. */
export const architecture = ARCHITECTURES[process.arch] ?? process.arch;

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

interface Answer {
  readonly status: number;
  readonly location: string;
}

function send(target: PushTarget, method: string, address: string, type: string, body: Buffer): Promise<Answer> {
  const { authorization, ca } = target;
  const url = new URL(address, target.url);
  const headers = { "content-type": type, "content-length": body.length, ...(authorization && { authorization }) };
  const options = { method, headers, ...(ca && { ca }) };
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? requestTls(url, options) : requestPlain(url, { ...options, agent: new Agent() });
    request.once("error", reject);
    request.once("response", (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.once("end", () => {
        const status = response.statusCode ?? 0;
        if (status < 300) resolve({ status, location: response.headers.location ?? "" });
        else reject(new Error(`${method} ${url.href} answered ${status}: ${text}`));
      });
    });
    request.end(body);
  });
}

async function pushBlob(target: PushTarget, content: Buffer): Promise<string> {
  const { location } = await send(target, "POST", `/v2/${target.repository}/blobs/uploads/`, "text/plain", Buffer.alloc(0));
  const url = new URL(location, target.url);
  url.searchParams.set("digest", digestOf(content));
  await send(target, "PUT", url.href, "application/octet-stream", content);
  return digestOf(content);
}

async function pushManifest(target: PushTarget, tag: string | undefined, manifest: object): Promise<PushedManifest> {
  const content = Buffer.from(JSON.stringify(manifest));
  const digest = digestOf(content);
  const { mediaType } = manifest as { mediaType: string };
  await send(target, "PUT", `/v2/${target.repository}/manifests/${tag ?? digest}`, mediaType, content);
  return { digest, mediaType, size: content.length };
}

export interface ImageContent {
  /** What makes the image another one. */
  readonly text: string;
  readonly architecture?: string;
}

/** Pushes an image of one file, for one platform; without a tag only its digest names it. */
export async function pushImage(target: PushTarget, tag: string | undefined, content: ImageContent): Promise<PushedManifest> {
  const directory = createTemporaryDirectory("hf-push-");
  writeFileSync(join(directory, "text"), content.text);
  const tar = execFileSync("tar", ["-C", directory, "--mtime=@0", "-cf", "-", "text"]);
  removeTemporaryDirectory(directory);
  const layer = gzipSync(tar);
  const platform = { os: "linux", architecture: content.architecture ?? architecture };
  const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
  const config = Buffer.from(JSON.stringify({ ...platform, config: { Cmd: ["/text"] }, rootfs }));
  const manifest = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, digest: await pushBlob(target, config), size: config.length },
    layers: [{ mediaType: `${OCI}.layer.v1.tar+gzip`, digest: await pushBlob(target, layer), size: layer.length }],
  };
  return { ...(await pushManifest(target, tag, manifest)), platform };
}

/** Pushes an index of images that were pushed before. */
export function pushIndex(target: PushTarget, tag: string, manifests: readonly PushedManifest[]): Promise<PushedManifest> {
  return pushManifest(target, tag, { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests });
}
