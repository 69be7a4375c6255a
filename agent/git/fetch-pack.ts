import * as fs from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { HttpClient } from "isomorphic-git";
import { oneLine } from "../lib/one-line.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";
import { completePack } from "./complete-pack.ts";
import { serverError, unreachable } from "./http-failure.ts";
import { loadIsomorphicGit } from "./load-isomorphic-git.ts";
import { encodePktLine, flushPkt, pktLength, splitPktLines } from "./pkt-line.ts";
import type { Transport } from "./transport.ts";

/**
 * So many commits are asked for each time. With less, the server no longer sees what the last tip has in common with the new one
 * and sends the whole tree again; with no bound, a force-push pulls in all history.
 */
const historyDepth = 50;

/** What isomorphic-git takes for the address: the real one stays in the transport, and so out of every file. */
const standInUrl = "http://source.invalid/repository";

const capabilities = "multi_ack_detailed no-done side-band-64k ofs-delta shallow";

/**
 * Lets the server send the difference to what is here already: a change in a directory of a thousand files is then a line, not a list of
 * the thousand. isomorphic-git never asks for it, since it would leave packs that need each other; `completePack` mends these.
 */
const thinPack = " thin-pack";

interface PackRequest {
  /** A bare repository that `git init` has prepared. */
  readonly gitDirectory: string;
  readonly ref: string;
  /** The commit to fetch, in hex; what the ref names by now does not matter. */
  readonly oid: string;
  /** Commits to ask for; enough for one poll to the next by default. */
  readonly depth?: number;
  readonly transport: Transport;
  /** More than this in one answer is refused. */
  readonly packBytes: number;
  /** isomorphic-git's own, of this fetch: each new one reads the indexes of all packs, and the packs that are used, again. */
  readonly cache: object;
  readonly signal: AbortSignal;
}

/** Fetches one commit with its history into a repository by one request. Throws `source-*` and `aborted`. */
export async function fetchPack(request: PackRequest): Promise<void> {
  const { gitDirectory: gitdir, ref, oid, depth = historyDepth, transport, packBytes, cache, signal } = request;
  const { fetch } = await loadIsomorphicGit();
  const incoming = join(gitdir, "incoming");
  let failure: HoldfastError | undefined;

  async function* watched(path: string): AsyncGenerator<Uint8Array> {
    try {
      yield* checkedLines(fs.createReadStream(path), transport.shown);
    } catch (error) {
      failure = isHoldfastError(error) ? error : undefined;
      throw error;
    }
  }

  const http: HttpClient = {
    async request({ url, method, body }) {
      if (method !== "POST") return answer(url, "GET", "advertisement", once(advertise(ref, oid)));
      const chunks: Uint8Array[] = [];
      for await (const chunk of body ?? []) chunks.push(chunk);
      const asked = addCapability(Buffer.concat(chunks), thinPack);
      await spool(await transport.requestPack(asked, signal), incoming, packBytes, transport.shown);
      return answer(url, "POST", "result", watched(incoming));
    },
  };

  try {
    // `ref` makes the commit that was fetched before a `have`; without it every fetch is a full one.
    const options = { ref, remoteRef: ref, singleBranch: true, tags: false, depth };
    const fetched = await fetch({ fs, http, gitdir, cache, remote: "origin", url: standInUrl, ...options });
    // The path of the pack, which its types leave out; none where nothing had to be sent.
    if ("packfile" in fetched) await completePack(gitdir, String(fetched.packfile), cache);
  } catch (error) {
    throw failure ?? (isHoldfastError(error) ? error : unusable(transport.shown, error));
  } finally {
    await rm(incoming, { force: true });
  }
  if (signal.aborted) throw holdfastError("aborted", `reading from ${transport.shown} was stopped`, { handling: "transient" });
}

/** What the server would advertise if it had this one ref: nothing is requested, and what is fetched is exactly this commit. */
function advertise(ref: string, oid: string): Uint8Array {
  const lines = [
    encodePktLine("# service=git-upload-pack\n"),
    flushPkt,
    // isomorphic-git wants a HEAD.
    encodePktLine(`${oid} HEAD\0${capabilities} symref=HEAD:${ref}\n`),
    encodePktLine(`${oid} ${ref}\n`),
    flushPkt,
  ];
  return Buffer.from(lines.join(""));
}

/** The request with one more capability at the end of its first line, where they stand. */
function addCapability(request: Buffer, capability: string): Buffer {
  const length = pktLength(request.toString("latin1", 0, 4));
  const line = request.toString("latin1", 4, length).replace(/\n$/, "");
  return Buffer.concat([Buffer.from(encodePktLine(`${line}${capability}\n`), "latin1"), request.subarray(length)]);
}

function answer(url: string, method: string, kind: string, body: AsyncIterableIterator<Uint8Array>) {
  const headers = { "content-type": `application/x-git-upload-pack-${kind}` };
  return { url, method, statusCode: 200, statusMessage: "OK", headers, body };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Puts an answer into a file, and counts it. isomorphic-git copies what it is given several times before it uses any of it:
 * from memory, an answer that ends at the limit would have cost five times the limit.
 */
async function spool(body: AsyncIterable<Uint8Array>, path: string, packBytes: number, shown: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    let received = 0;
    for await (const chunk of body) {
      received += chunk.length;
      if (received > packBytes) throw tooLarge(shown, packBytes);
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
}

const fatalBand = 3;

/** The lines with their frames; throws where the server says that it refuses or breaks off, which isomorphic-git overlooks. */
async function* checkedLines(body: AsyncIterable<Uint8Array>, shown: string): AsyncGenerator<Uint8Array> {
  for await (const framed of splitPktLines(body)) {
    if (framed[4] === fatalBand) {
      const words = Buffer.from(framed.subarray(5)).toString("utf8");
      throw unreachable(`${shown} could not send the commit: ${oneLine(words)}`, undefined, "run git fsck on the server");
    }
    const start = Buffer.from(framed.subarray(4, 512)).toString("utf8");
    if (start.startsWith("ERR ")) throw serverError(shown, start.slice(4));
    yield framed;
  }
}

function tooLarge(shown: string, packBytes: number): HoldfastError {
  return holdfastError("source-too-large", `${shown} sent more than ${Math.floor(packBytes / 1024 / 1024)} MiB for a fetch`, {
    handling: "stalled",
    hint: "a desired state is text: move large files out of the repository, or out of its last 50 commits, and push again",
  });
}

function unusable(shown: string, cause: unknown): HoldfastError {
  const reason = cause instanceof Error ? oneLine(cause.message) : "unknown";
  return holdfastError("source-corrupt", `what was fetched from ${shown} cannot be used: ${reason}`, {
    handling: "transient",
    cause,
  });
}
