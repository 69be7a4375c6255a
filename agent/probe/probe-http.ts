import type { IncomingMessage } from "node:http";
import { oneLine } from "../lib/one-line.ts";
import type { HttpProbe } from "../model/probe.ts";
import { describeFailure, failed, type Outcome } from "./outcome.ts";

/** A text that is looked for has to stand in the first of these bytes. */
const BODY_BYTES = 1024 * 1024;

/** Asks one address; follows no redirect, and always over a connection of its own, since accepting one is part of what is probed. */
export async function probeHttp({ status, contains }: HttpProbe, url: string, signal: AbortSignal): Promise<Outcome> {
  const expected = `${status ?? "any 2xx"}${contains === undefined ? "" : ` with "${oneLine(contains.slice(0, 60))}"`}`;
  try {
    const response = await get(new URL(url), signal);
    try {
      const code = response.statusCode ?? 0;
      const got = [code, response.statusMessage, describeLocation(response)].filter(Boolean).join(" ");
      if (status === undefined ? code < 200 || code > 299 : code !== status) return failed(expected, got);
      if (contains === undefined) return { ok: true, detail: got };
      const { text, whole } = await readStart(response);
      if (text.includes(contains)) return { ok: true, detail: `${got} with "${oneLine(contains.slice(0, 60))}"` };
      return failed(expected, `${got} without it in ${whole ? "" : "the first "}${Buffer.byteLength(text)} bytes`);
    } finally {
      response.destroy();
    }
  } catch (cause) {
    return describeFailure(expected, cause, signal);
  }
}

async function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": "holdfast", "accept-encoding": "identity" };
    const asking = request(url, { agent: false, headers, signal }, resolve);
    asking.on("error", reject);
    asking.end();
  });
}

async function readStart(response: IncomingMessage): Promise<{ readonly text: string; readonly whole: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, BODY_BYTES - bytes));
    bytes += chunk.length;
    if (bytes >= BODY_BYTES) break;
  }
  return { text: Buffer.concat(chunks).toString("utf8"), whole: bytes < BODY_BYTES };
}

function describeLocation({ statusCode = 0, headers }: IncomingMessage): string | undefined {
  return statusCode >= 300 && statusCode < 400 && headers.location !== undefined ? `to ${oneLine(headers.location)}` : undefined;
}
