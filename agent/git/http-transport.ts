import { readFile } from "node:fs/promises";
import { createHttpClient, type HttpClient, type HttpResponse } from "../lib/http-client.ts";
import { retryAtMs } from "../lib/retry-at.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";
import { networkFailure, notGit, refused, serverError, statusFailure, unreachable } from "./http-failure.ts";
import { encodeLsRefs, parseAdvertisement, parseLsRefs, type RefsAnswer } from "./ls-refs.ts";
import type { SourceOptions, SourceTimeouts } from "./source-options.ts";
import type { RemoteRef, Transport } from "./transport.ts";

type HttpTransportOptions = Pick<SourceOptions, "token" | "username" | "caFile" | "environment" | "onReceived"> & {
  readonly url: URL;
  readonly timeouts: SourceTimeouts;
  readonly nowMs: () => number;
};

/** A list of refs is held in memory: 16 MiB are about 250,000 of them. */
const refsBytes = 16 * 1024 * 1024;

/** Forges take any name beside a token; this one is what GitHub documents. */
const defaultUsername = "x-access-token";

const maxRedirects = 5;

/** Git's smart HTTP over our own client: one request per poll, and no credential to any other origin. */
export function httpTransport(options: HttpTransportOptions): Transport {
  const { url: origin, timeouts, nowMs } = options;
  const shown = origin.href;
  /** Where a redirect of the server led; forgotten after a failure. */
  let base = origin;
  /** `discover`: this server wants a GET before each list of refs, or speaks version 1 only. */
  let form: "unknown" | "direct" | "discover" = "unknown";
  let notBeforeMs = 0;
  let client: HttpClient | undefined;
  /** A proxy that may have written the last answer itself. */
  let via: string | undefined;

  async function openClient(): Promise<HttpClient> {
    const ca = options.caFile === undefined ? {} : { ca: await readCaFile(options.caFile) };
    const { connectMs, headersMs, idleMs } = timeouts;
    const { environment = process.env } = options;
    return createHttpClient({
      ...ca,
      environment,
      connectTimeoutMs: connectMs,
      headersTimeoutMs: headersMs,
      idleTimeoutMs: idleMs,
    });
  }

  async function authorization(): Promise<Record<string, string>> {
    const token = base.origin === origin.origin ? (await readToken(options.token))?.trim() : undefined;
    if (token === undefined || token === "") return {};
    const pair = `${options.username ?? defaultUsername}:${token}`;
    return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
  }

  async function send(url: URL, headers: Record<string, string>, body: Uint8Array | undefined, signal: AbortSignal) {
    if (nowMs() < notBeforeMs) {
      const seconds = Math.ceil((notBeforeMs - nowMs()) / 1000);
      const error = unreachable(`${shown} asked to wait; it is asked again in ${seconds} s`);
      throw Object.assign(error, { retryAtMs: notBeforeMs });
    }
    const credentials = await authorization();
    try {
      client ??= await openClient();
      const common = { accept: "*/*", "user-agent": "git/holdfast", ...headers, ...credentials };
      const request = { method: body === undefined ? "GET" : "POST", url, headers: common, signal } as const;
      const response = await client.send(body === undefined ? request : { ...request, body });
      via = response.via;
      notBeforeMs = retryAtMs(response.status, response.header("retry-after"), nowMs());
      return response;
    } catch (error) {
      // The next attempt starts afresh: a replaced caFile is read, and a redirect is asked for again.
      base = origin;
      const failed = client;
      client = undefined;
      await failed?.close();
      throw networkFailure(error, shown, signal);
    }
  }

  function post(body: Uint8Array, version2: boolean, signal: AbortSignal): Promise<HttpResponse> {
    const protocol: Record<string, string> = version2 ? { "git-protocol": "version=2" } : {};
    const headers = { "content-type": "application/x-git-upload-pack-request", ...protocol };
    return send(new URL(`${base.href}/git-upload-pack`), headers, body, signal);
  }

  /** Asks for the refs without asking first what the server speaks. */
  async function listDirectly(prefix: string, signal: AbortSignal): Promise<readonly RemoteRef[] | "ask first"> {
    const response = await post(encodeLsRefs(prefix), true, signal);
    if (response.status !== 200) {
      await response.discard();
      if (mayWantDiscovery(response.status) || (response.status >= 500 && form === "unknown")) return "ask first";
      throw failure(response.status);
    }
    const answer = hasType(response, "result") ? parseLsRefs(await read(response, signal)) : undefined;
    if (answer?.kind === "refs") return answer.refs;
    // A server that speaks version 1 only takes our request for a broken fetch, and says so in many ways.
    if (answer === undefined) await response.discard();
    return "ask first";
  }

  /** Asks what the server speaks, follows its redirects, and reads the refs where version 1 already lists them. */
  async function discover(prefix: string, signal: AbortSignal): Promise<RefsAnswer> {
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const url = new URL(`${base.href}/info/refs?service=git-upload-pack`);
      const response = await send(url, { "git-protocol": "version=2" }, undefined, signal);
      const location = response.status >= 300 && response.status < 400 ? response.header("location") : undefined;
      if (location !== undefined) {
        await response.discard();
        base = redirectedBase(new URL(location, url));
        continue;
      }
      if (response.status !== 200) {
        await response.discard();
        throw failure(response.status);
      }
      if (hasType(response, "advertisement")) return parseAdvertisement(await read(response, signal), prefix);
      await response.discard();
      throw notGit(shown, response.header("content-type"));
    }
    throw refused(`${shown} redirects more than ${maxRedirects} times`, "give the final address as repository.url");
  }

  function redirectedBase(target: URL): URL {
    const path = target.pathname.replace(/\/info\/refs$/, "");
    const toGit = target.pathname !== path && target.searchParams.get("service") === "git-upload-pack";
    if (!toGit || (target.protocol !== "https:" && target.protocol !== origin.protocol)) {
      throw refused(
        `${shown} redirects to ${target.origin}${target.pathname}, which is not followed`,
        "check repository.url: it may need .git at its end, https, or repository.tokenFile for a private repository",
      );
    }
    return new URL(`${target.origin}${path}`);
  }

  function failure(status: number): HoldfastError {
    const foreign = base.origin === origin.origin ? undefined : base.href;
    const error = statusFailure(status, { shown, authenticated: options.token !== undefined, foreign, via });
    return notBeforeMs > nowMs() ? Object.assign(error, { retryAtMs: notBeforeMs }) : error;
  }

  async function read(response: HttpResponse, signal: AbortSignal): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of guarded(response, signal)) {
      size += chunk.length;
      if (size > refsBytes) {
        throw holdfastError("source-too-large", `${shown} lists refs in more than ${refsBytes} bytes`, {
          handling: "stalled",
          hint: "delete branches and tags, or use a Git server that speaks protocol version 2",
        });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async function* guarded(response: HttpResponse, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response.body) {
        options.onReceived?.(chunk.length);
        yield chunk;
      }
    } catch (error) {
      throw networkFailure(error, shown, signal);
    }
  }

  async function listRefs(prefix: string, signal: AbortSignal): Promise<readonly RemoteRef[]> {
    if (form !== "discover") {
      const refs = await listDirectly(prefix, signal);
      if (refs !== "ask first") {
        form = "direct";
        return refs;
      }
    }
    const before = base;
    const answer = await discover(prefix, signal);
    if (answer.kind === "refs") {
      form = "discover";
      return answer.refs;
    }
    if (answer.kind === "error") throw serverError(shown, answer.text);
    if (answer.kind === "malformed") throw refused(`${shown} sent no list of refs that can be read`, "its objects must be SHA-1");
    const response = await post(encodeLsRefs(prefix), true, signal);
    if (response.status !== 200) {
      await response.discard();
      throw failure(response.status);
    }
    const listed = parseLsRefs(await read(response, signal));
    if (listed.kind === "error") throw serverError(shown, listed.text);
    if (listed.kind !== "refs") throw unreachable(`${shown} sent no list of refs that can be read`);
    // Behind a redirect the new address may take the short form; otherwise it has just been refused.
    form = base.href === before.href ? "discover" : "unknown";
    return listed.refs;
  }

  return {
    shown,
    async listRefs(prefix, signal) {
      try {
        return await listRefs(prefix, signal);
      } catch (error) {
        base = origin;
        throw error;
      }
    },
    async requestPack(request, signal) {
      let response = await post(request, false, signal);
      if (response.status !== 200 && mayWantDiscovery(response.status)) {
        await response.discard();
        await discover("refs/heads/", signal);
        response = await post(request, false, signal);
      }
      if (response.status === 200 && hasType(response, "result")) return guarded(response, signal);
      await response.discard();
      throw response.status === 200 ? notGit(shown, response.header("content-type")) : failure(response.status);
    },
  };
}

/** A redirect, or a refusal that may be of this form of request only. */
function mayWantDiscovery(status: number): boolean {
  return status >= 300 && status < 500 && status !== 401 && status !== 408 && status !== 429;
}

function hasType(response: HttpResponse, kind: "result" | "advertisement"): boolean {
  return response.header("content-type")?.split(";")[0]?.trim() === `application/x-git-upload-pack-${kind}`;
}

async function readToken(token: SourceOptions["token"]): Promise<string | undefined> {
  try {
    return await token?.();
  } catch (error) {
    if (isHoldfastError(error)) throw error;
    const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw refused(`the token for the Git server cannot be read${reason}`, "check repository.tokenFile and who may read it");
  }
}

async function readCaFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw refused(`${path} cannot be read${reason}`, "check repository.caFile and who may read it");
  }
}
