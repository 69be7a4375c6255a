import { readFile } from "node:fs/promises";
import { createHttpClient, type HttpClient } from "../lib/http-client.ts";
import { isProxyError } from "../lib/proxy-error.ts";
import type { Environment } from "../lib/select-proxy.ts";
import { isDeadlinePassed, withDeadline } from "../lib/with-deadline.ts";
import type { ReceiverSettings } from "../model/desired.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";

const TIMEOUT_MS = 10_000;
const BODY_SHOWN = 200;
/** A shorter part of a path is a word. */
const SHORTEST_TOKEN = 16;
const SHORTEST_VALUE = 4;

export interface ReceiverOptions extends ReceiverSettings {
  /** For a whole delivery; 10 s by default. */
  readonly timeoutMs?: number;
  /** Where HTTPS_PROXY and its like are looked up; the process's own by default. */
  readonly environment?: Environment;
}

/** A server that takes alerts. */
export interface Receiver {
  /** Sends a value as JSON. Throws `report-failed`, in one line without anything secret. */
  post(url: () => URL, value: unknown, signal: AbortSignal): Promise<void>;
}

/**
 * Opens nothing yet: what authenticates is read anew at each delivery, so that it can be rotated, and an address that cannot be
 * fails there too, because opening happens where a mistake of the repository must not end the agent. `name` is how it is told.
 */
export function openReceiver(name: string, options: ReceiverOptions): Receiver {
  const { timeoutMs = TIMEOUT_MS, environment = process.env } = options;
  let client: Promise<HttpClient> | undefined;

  async function send(url: URL, value: unknown, login: Login, signal: AbortSignal): Promise<void> {
    client ??= openClient(options.caFile, environment).catch((cause: unknown) => {
      client = undefined;
      throw cause;
    });
    const http = await client;
    const headers = { "content-type": "application/json", ...login.headers };
    const response = await http.send({ method: "POST", url, headers, body: Buffer.from(JSON.stringify(value)), signal });
    if (response.status < 200 || response.status > 299)
      throw refused(
        name,
        options,
        response.status,
        mask(await readStart(response.body), [...login.secrets, ...readSecrets(url)]),
      );
    await response.discard();
  }

  return {
    async post(url, value, signal) {
      let login: Login = { headers: {}, secrets: [] };
      try {
        login = await authorize(options);
        await withDeadline(timeoutMs, signal, async (limited) => send(url(), value, login, limited));
      } catch (cause) {
        throw describeFailure(name, options, cause, login.secrets);
      }
    },
  };
}

async function openClient(caFile: string | undefined, environment: Environment): Promise<HttpClient> {
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") };
  return createHttpClient({
    ...ca,
    environment,
    connectTimeoutMs: TIMEOUT_MS,
    headersTimeoutMs: TIMEOUT_MS,
    idleTimeoutMs: TIMEOUT_MS,
  });
}

interface Login {
  readonly headers: Readonly<Record<string, string>>;
  /** What must stand in no message, though the server may repeat it. */
  readonly secrets: readonly string[];
}

async function authorize({ bearerTokenFile, basicAuth }: ReceiverSettings): Promise<Login> {
  if (bearerTokenFile !== undefined) {
    const token = (await readFile(bearerTokenFile, "utf8")).trim();
    return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
  }
  if (basicAuth === undefined) return { headers: {}, secrets: [] };
  const password = (await readFile(basicAuth.passwordFile, "utf8")).replace(/\r?\n$/, "");
  const encoded = Buffer.from(`${basicAuth.username}:${password}`).toString("base64");
  return { headers: { authorization: `Basic ${encoded}` }, secrets: [password, encoded] };
}

/** What of an address may be a secret: services with webhooks tell their senders apart by it. Longest first. */
function readSecrets({ pathname, search, searchParams }: URL): string[] {
  const path = pathname === "/" ? "" : pathname;
  const parts = [
    ...pathname.split("/").filter((part) => part.length >= SHORTEST_TOKEN),
    ...[...searchParams.values()].filter((value) => value.length >= SHORTEST_VALUE),
  ];
  return [`${path}${search}`, path, search, ...parts].sort((a, b) => b.length - a.length);
}

async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
  for await (const chunk of body) return Buffer.from(chunk).toString("utf8");
  return "";
}

function mask(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== "").reduce((masked, secret) => masked.replaceAll(secret, "***"), text);
}

function refused(name: string, options: ReceiverOptions, status: number, said: string): HoldfastError {
  const handling = status >= 500 || status === 429 ? "transient" : "stalled";
  const shown = said.slice(0, BODY_SHOWN).replace(/\s+/g, " ").trim();
  const message = `${name} at ${describeAddress(options)} refused alerts with ${status}${shown === "" ? "" : `: ${shown}`}`;
  return holdfastError("report-failed", message, { handling });
}

function describeFailure(name: string, options: ReceiverOptions, cause: unknown, secrets: readonly string[]): HoldfastError {
  if (isHoldfastError(cause) && cause.code === "report-failed") return cause;
  const message = `${name} at ${describeAddress(options)} cannot be reached: ${mask(describeReason(cause), secrets)}`;
  if (isProxyError(cause)) {
    return holdfastError("report-failed", message, {
      handling: cause.lasting ? "stalled" : "transient",
      hint: cause.hint,
      cause,
    });
  }
  return holdfastError("report-failed", message, { handling: "transient", cause });
}

function describeReason(cause: unknown): string {
  if (isDeadlinePassed(cause)) return `no answer within ${cause.deadlineMs / 1000} s`;
  if (isProxyError(cause)) return cause.message;
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : cause.name;
  return (cause.message || code).replace(/\s+/g, " ").trim();
}

/** The address without a path, and without credentials that somebody may have put there. */
function describeAddress({ url }: ReceiverOptions): string {
  return URL.canParse(url) ? new URL(url).origin : url.replace(/\/\/[^/]*@/, "//");
}
