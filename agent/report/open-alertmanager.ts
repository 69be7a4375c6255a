import { readFile } from "node:fs/promises";
import { createHttpClient, type HttpClient } from "../lib/http-client.ts";
import type { TrackedAlert } from "../model/alert.ts";
import type { AlertmanagerSettings } from "../model/desired.ts";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import type { Reporter } from "../ports.ts";

const TIMEOUT_MS = 10_000;
const BODY_SHOWN = 200;

/** One Alertmanager, by its API v2; what authenticates is read anew at each delivery, so that it can be rotated. */
export function openAlertmanager(options: AlertmanagerSettings): Reporter {
  let client: Promise<HttpClient> | undefined;
  const url = new URL(`${options.url.replace(/\/+$/, "")}/api/v2/alerts`);

  return {
    async deliver(alerts, endsAtMs, signal) {
      if (alerts.length === 0) return;
      try {
        client ??= openClient(options.caFile);
        const http = await client;
        const headers = { "content-type": "application/json", ...(await authorize(options)) };
        const body = Buffer.from(JSON.stringify(alerts.map((alert) => describeAlert(alert, endsAtMs))));
        const response = await http.send({
          method: "POST",
          url,
          headers,
          body,
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        if (response.status !== 200) throw refused(url, response.status, await readStart(response.body));
        await response.discard();
      } catch (cause) {
        throw describeFailure(url, cause);
      }
    },
  };
}

async function openClient(caFile: string | undefined): Promise<HttpClient> {
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") };
  return createHttpClient({ ...ca, connectTimeoutMs: TIMEOUT_MS, headersTimeoutMs: TIMEOUT_MS, idleTimeoutMs: TIMEOUT_MS });
}

async function authorize({ bearerTokenFile, basicAuth }: AlertmanagerSettings): Promise<Record<string, string>> {
  if (bearerTokenFile !== undefined) return { authorization: `Bearer ${(await readFile(bearerTokenFile, "utf8")).trim()}` };
  if (basicAuth === undefined) return {};
  const password = (await readFile(basicAuth.passwordFile, "utf8")).replace(/\r?\n$/, "");
  return { authorization: `Basic ${Buffer.from(`${basicAuth.username}:${password}`).toString("base64")}` };
}

// Alertmanager refuses a label or annotation without a value.
function describeAlert({ alert, startsAtMs, resolvedAtMs }: TrackedAlert, endsAtMs: number): object {
  return {
    labels: dropEmpty(alert.labels),
    annotations: dropEmpty(alert.annotations),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(resolvedAtMs ?? endsAtMs).toISOString(),
  };
}

function dropEmpty(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
  for await (const chunk of body) return Buffer.from(chunk).toString("utf8", 0, BODY_SHOWN).replace(/\s+/g, " ");
  return "";
}

function refused(url: URL, status: number, said: string): HoldfastError {
  const handling = status >= 500 || status === 429 ? "transient" : "stalled";
  return holdfastError("report-failed", `Alertmanager at ${url.origin} refused alerts with ${status}: ${said}`, { handling });
}

function describeFailure(url: URL, cause: unknown): HoldfastError {
  if (cause instanceof Error && "code" in cause && cause.code === "report-failed") return cause as HoldfastError;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return holdfastError("report-failed", `Alertmanager at ${url.origin} cannot be reached: ${reason}`, {
    handling: "transient",
    cause,
  });
}
