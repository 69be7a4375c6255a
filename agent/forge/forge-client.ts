import { errorCode, explainNetworkError } from "../lib/explain-network-error.ts";
import { createHttpClient } from "../lib/http-client.ts";
import { oneLine } from "../lib/one-line.ts";
import { isProxyError } from "../lib/proxy-error.ts";
import type { Environment } from "../lib/select-proxy.ts";
import { isDeadlinePassed, withDeadline } from "../lib/with-deadline.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";
import { textAt } from "./dialect.ts";
import { readLimitMs } from "./read-limit.ts";
import { readNextPage } from "./read-link.ts";

const TIMEOUT_MS = 30_000;
/** A hundred comments of the greatest length are less. */
const MOST_BYTES = 32 * 1024 * 1024;
const MESSAGE_SHOWN = 200;

export interface ForgeClientOptions {
  readonly title: string;
  /** Address of the API, without a slash at its end. */
  readonly api: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Must stand in no message, though the server may repeat it. */
  readonly token: string | undefined;
  /** All waiting that the forge may ask for, milliseconds. */
  readonly patienceMs: number;
  readonly environment: Environment;
  readonly clock: ForgeClock;
}

export interface ForgeClock {
  nowMs(): number;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly content: unknown;
  /** Path of the next page. */
  readonly next?: string;
}

export interface ForgeClient {
  /** Sends one request; statuses other than 2xx throw, those in `expected` excepted. `transient` ones can be tried again. */
  send(request: ForgeRequest, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

export interface ForgeRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT";
  readonly path: string;
  readonly body?: object;
  readonly expected?: readonly number[];
}

/** Requests to a forge's API: JSON, waits where the forge asks for it, and follows no redirect. */
export function openForgeClient(options: ForgeClientOptions): ForgeClient {
  const { title, api, headers, token, environment, clock } = options;
  const [connectTimeoutMs, headersTimeoutMs, idleTimeoutMs] = [TIMEOUT_MS, TIMEOUT_MS, TIMEOUT_MS];
  const http = createHttpClient({ environment, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs });
  let patienceMs = options.patienceMs;

  async function ask({ method, path, body }: ForgeRequest, signal: AbortSignal) {
    const response = await http.send({
      method,
      url: new URL(`${api.href.replace(/\/+$/, "")}${path}`),
      headers: {
        "user-agent": "holdfast",
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      signal,
    });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body) {
      size += piece.length;
      if (size > MOST_BYTES) throw failed(title, `answers ${method} ${path} with more than ${MOST_BYTES} bytes`, "stalled");
      pieces.push(piece);
    }
    const text = Buffer.concat(pieces).toString("utf8");
    return { status: response.status, header: (name: string) => response.header(name), text };
  }

  async function send(request: ForgeRequest, signal: AbortSignal): Promise<Answer> {
    const { method, path, expected = [] } = request;
    const { status, header, text } = await withDeadline(TIMEOUT_MS, signal, (limited) => ask(request, limited)).catch((cause) => {
      throw explainFailure(title, api, cause, signal);
    });
    const content = parse(text);
    const told = mask(oneLine(textAt(content, "message") || textAt(content, "error") || text).slice(0, MESSAGE_SHOWN), token);
    const what = `${title} answers ${method} ${path.replace(/\?.*/, "")} with ${status}${told === "" ? "" : `: ${told}`}`;
    const limitMs = readLimitMs(status, header, told, clock.nowMs());
    if (limitMs !== undefined) {
      if (limitMs > patienceMs)
        throw holdfastError("forge-failed", `${what}; it wants to be asked again in ${Math.ceil(limitMs / 1000)} s`, {
          handling: "waiting",
          hint: "run it again then; a token of its own has a limit of its own",
        });
      // At least something, or a forge that says 0 is asked without end.
      const waitMs = Math.max(limitMs, 100);
      patienceMs -= waitMs;
      await clock.wait(waitMs, signal);
      return send(request, signal);
    }
    if (expected.includes(status)) return { status, content };
    if (status >= 300 && status < 400)
      throw holdfastError("forge-failed", `${title} answers ${method} ${path} with a redirect, which no token is sent along`, {
        handling: "stalled",
        hint: `give --url the address that it leads to${describeTarget(header("location"), api)}`,
      });
    if (status === 401 || status === 403) throw holdfastError("forge-refused", what, { handling: "stalled" });
    if (status >= 500) throw holdfastError("forge-failed", what, { handling: "transient" });
    if (status < 200 || status >= 300) throw holdfastError("forge-failed", what, { handling: "stalled", hint: hintFor(status) });
    if (content === undefined)
      throw holdfastError("forge-failed", `${title} answers ${method} ${path} with something that is no JSON`, {
        handling: "stalled",
        hint: "check --url: it is the address of the API, https://api.github.com, https://HOST/api/v1, https://HOST/api/v4",
      });
    const next = readNextPage(header("link"), api);
    return { status, content, ...(next === undefined ? {} : { next }) };
  }

  return { send, close: () => http.close() };
}

/** Any failure of a request as a Holdfast error. */
function explainFailure(title: string, api: URL, cause: unknown, signal: AbortSignal): HoldfastError {
  if (isHoldfastError(cause)) return cause;
  if (signal.aborted) return holdfastError("aborted", `asking ${title} was stopped`, { handling: "transient", cause });
  const reason = isProxyError(cause)
    ? cause.message
    : isDeadlinePassed(cause)
      ? "no answer came in time"
      : (explainNetworkError(errorCode(cause))?.message ?? oneLine(String(cause)));
  return holdfastError("forge-failed", `${title} at ${api.host}: ${reason}`, {
    handling: "transient",
    cause,
    hint: "check --url and the network; certificates of an own authority: NODE_EXTRA_CA_CERTS",
  });
}

function failed(title: string, what: string, handling: "transient" | "stalled"): HoldfastError {
  return holdfastError("forge-failed", `${title} ${what}`, { handling });
}

function hintFor(status: number): string {
  return status === 404
    ? "check --repo and --pr; a token that may not see a repository gets the same answer"
    : "check --forge and --url";
}

function describeTarget(location: string | undefined, api: URL): string {
  if (location === undefined || !URL.canParse(location, api.href)) return "";
  return `, on ${new URL(location, api).host}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function mask(text: string, token: string | undefined): string {
  return token === undefined || token === "" ? text : text.replaceAll(token, "***");
}
