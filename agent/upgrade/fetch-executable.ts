import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { rootCertificates } from "node:tls";
import { createGunzip } from "node:zlib";
import { errorCode, explainNetworkError } from "../lib/explain-network-error.ts";
import { createHttpClient, type HttpClient, type HttpResponse } from "../lib/http-client.ts";
import { isProxyError } from "../lib/proxy-error.ts";
import type { Environment } from "../lib/select-proxy.ts";
import { isDeadlinePassed, withDeadline } from "../lib/with-deadline.ts";
import { type Handling, type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";

export interface FetchRequest {
  /** A file that is compressed with gzip. */
  readonly url: string;
  /** Of what is in it. */
  readonly sha256: string;
  /** Where what is in it is written. */
  readonly file: string;
  /** Certificates in PEM that are trusted besides the public ones. */
  readonly caFile?: string;
  readonly environment: Environment;
  /** For everything; 30 min by default. */
  readonly timeoutMs?: number;
  /** How large the executable may be; 512 MiB by default. */
  readonly limitBytes?: number;
}

const TIMEOUT_MS = 1_800_000;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
const LIMIT_BYTES = 512 * 1024 * 1024;
/** A release of a forge lies behind one or two. */
const REDIRECTS = 5;
const REDIRECT = [301, 302, 303, 307, 308];

/**
 * Fetches an executable over HTTP(S) into a file that nobody may run yet, and checks its SHA-256. Credentials are sent to nobody,
 * and the checksum says what is right, so that redirects are followed. Throws `upgrade-failed`.
 */
export async function fetchExecutable(request: FetchRequest, signal: AbortSignal): Promise<void> {
  const { url, timeoutMs = TIMEOUT_MS } = request;
  const ca = request.caFile === undefined ? {} : { ca: [...rootCertificates, await readAuthority(request.caFile)].join("\n") };
  const client = createHttpClient({
    ...ca,
    environment: request.environment,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    headersTimeoutMs: IDLE_TIMEOUT_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  try {
    await withDeadline(timeoutMs, signal, async (limited) => {
      const response = await follow(client, new URL(url), limited);
      const found = await unpack(response, request, limited);
      if (found !== request.sha256) {
        throw failed(`${show(url)}: its SHA-256 is ${found}, and agent.sha256 says ${request.sha256}`, "stalled");
      }
    });
  } catch (cause) {
    throw signal.aborted ? cause : describe(show(url), cause);
  } finally {
    await client.close();
  }
}

async function readAuthority(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw failed(`repository.caFile ${path} cannot be read: ${errorCode(cause)}`, "transient");
  }
}

async function follow(client: HttpClient, start: URL, signal: AbortSignal): Promise<HttpResponse> {
  let url = start;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    const response = await client.send({ method: "GET", url, headers: { accept: "application/octet-stream" }, signal });
    if (response.status === 200) return response;
    const location = REDIRECT.includes(response.status) ? response.header("location") : undefined;
    await response.discard();
    if (location === undefined) {
      // What is not there yet may be uploaded in a moment.
      throw failed(`${show(url)}: the server answered ${response.status}`, "transient");
    }
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (
      next === undefined ||
      !["http:", "https:"].includes(next.protocol) ||
      (url.protocol === "https:" && next.protocol === "http:")
    ) {
      throw failed(`${show(url)}: the server sends to ${next?.origin ?? "nowhere"}, which is not as safe`, "stalled");
    }
    url = next;
  }
  throw failed(`${show(start)}: the server sends to somewhere else more than ${REDIRECTS} times`, "stalled");
}

/** An address without what may be secret in it: a password, or what a store of files has signed it with. */
function show(url: string | URL): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** Writes what is in the answer; returns its SHA-256. */
async function unpack(
  response: HttpResponse,
  { file, limitBytes = LIMIT_BYTES }: FetchRequest,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw failed(`it is larger than ${limitBytes} bytes`, "stalled");
      hash.update(chunk);
      yield chunk;
    }
  };
  // Flushed, because a power cut may follow.
  const target = createWriteStream(file, { mode: 0o600, flush: true });
  await pipeline(response.body, createGunzip(), measure, target, { signal });
  return hash.digest("hex");
}

function failed(message: string, handling: Handling): HoldfastError {
  return holdfastError("upgrade-failed", message, { handling });
}

function describe(url: string, cause: unknown): HoldfastError {
  if (isHoldfastError(cause))
    return cause.message.startsWith("it is ") ? failed(`${url}: ${cause.message}`, cause.handling) : cause;
  if (isProxyError(cause)) return failed(`${url}: ${cause.message}`, "transient");
  if (isDeadlinePassed(cause)) return failed(`${url} took longer than ${cause.deadlineMs / 1000} s`, "transient");
  const code = errorCode(cause);
  // Cut off or changed on its way.
  if (code.startsWith("Z_")) return failed(`${url} is damaged, or not compressed with gzip`, "transient");
  if (code === "ENOSPC") return failed("there is no space left in /var/lib/holdfast", "transient");
  return failed(
    `${url}: ${explainNetworkError(code)?.message ?? (cause instanceof Error ? cause.message : String(cause))}`,
    "transient",
  );
}
