import { errorCode, explainNetworkError } from "../lib/explain-network-error.ts";
import type { HttpClient } from "../lib/http-client.ts";
import { oneLine } from "../lib/one-line.ts";
import { isDeadlinePassed, withDeadline } from "../lib/with-deadline.ts";
import { type PeerStatus, readPeerStatus } from "./read-peer-status.ts";

export interface PeerQuestion {
  /** The host's name in the repository. */
  readonly name: string;
  /** As its host file has it. */
  readonly address: string;
  /** Sent to that address and to nobody else. */
  readonly token?: string;
}

/** What another agent says of its host, or why it does not, in one line. */
export type PeerAnswer = { readonly status: PeerStatus } | { readonly reason: string };

/** A status is a few kilobytes. */
const MOST_BYTES = 1024 * 1024;

/** Asks the agent of another host for its status. Follows no redirect, since the token would go along; never throws. */
export async function askPeer(
  { name, address, token }: PeerQuestion,
  client: HttpClient,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PeerAnswer> {
  const url = readAddress(address);
  if (url === undefined) return { reason: "its address is no http:// or https:// URL without a name and a password" };
  const headers = { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  try {
    return await withDeadline(timeoutMs, signal, async (within) => {
      const response = await client.send({ method: "GET", url, headers, signal: within });
      if (response.status !== 200) {
        await response.discard();
        return { reason: explainStatus(response.status, url, token) };
      }
      const text = await readText(response.body);
      return text === undefined ? { reason: `it answered with more than ${MOST_BYTES} bytes` } : judge(name, text);
    });
  } catch (cause) {
    return { reason: isDeadlinePassed(cause) ? `no answer within ${timeoutMs / 1000} s` : explainFailure(cause) };
  }
}

function judge(name: string, text: string): PeerAnswer {
  const status = readPeerStatus(parse(text));
  if (status === undefined) return { reason: "what answers there is no Holdfast agent" };
  return status.host === name ? { status } : { reason: `the agent of another host answers there: ${status.host}` };
}

function readAddress(address: string): URL | undefined {
  const text = `${address.replace(/\/+$/, "")}/v1/status`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  return isPlain && /^https?:$/.test(url.protocol) ? url : undefined;
}

function explainStatus(status: number, { hostname }: URL, token: string | undefined): string {
  if (status === 401 || status === 403) {
    return token === undefined
      ? "it asks for a token: set fleet.tokenFile in fleet.yaml"
      : "it refused the token: fleet.tokenFile here must hold what tokenFile holds there";
  }
  if (status === 421) return `it does not answer to ${hostname}: add it to allowedHosts in its agent.yaml`;
  if (status >= 300 && status < 400) return `it leads elsewhere (status ${status}), which is not followed: correct its address`;
  return `it answered with status ${status}`;
}

function explainFailure(cause: unknown): string {
  const { message } = explainNetworkError(errorCode(cause)) ?? {};
  return message ?? oneLine(cause instanceof Error ? cause.message : String(cause));
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
