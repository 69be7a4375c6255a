import type { FleetPeers } from "../model/desired.ts";
import type { FleetHost, FleetStatus } from "../model/generated/fleet-status.ts";
import type { Status } from "../model/generated/status.ts";
import type { Clock } from "../ports.ts";
import { askPeer, type PeerAnswer } from "./ask-peer.ts";
import { type PeerStatus, readPeerStatus } from "./read-peer-status.ts";
import { readSecret } from "./read-secret.ts";
import type { Warnings } from "./warnings.ts";

export interface FleetOptions {
  readonly host: string;
  readonly peers: () => FleetPeers | undefined;
  readonly status: () => Status;
  readonly clock: Clock;
  readonly warnings?: Pick<Warnings, "set">;
  /** For one host, milliseconds. */
  readonly timeoutMs?: number;
  /** Aborted when the agent ends. */
  readonly signal: AbortSignal;
}

/** All hosts of the fleet, as they are now or were a few seconds ago. */
export type ReadFleetStatus = () => Promise<FleetStatus>;

const TIMEOUT_MS = 4_000;
/** However many look on, each host is asked once in this time. */
const CACHE_MS = 5_000;
const CONCURRENCY = 16;

/** Asks the agents of the other hosts, all at once, when somebody wants to know. */
export function openFleet(options: FleetOptions): ReadFleetStatus {
  let asked:
    | { readonly answer: Promise<FleetStatus>; readonly untilMs: number; readonly peers: FleetPeers | undefined }
    | undefined;
  return () => {
    const peers = options.peers();
    const nowMs = options.clock.nowMs();
    if (asked === undefined || nowMs >= asked.untilMs || asked.peers !== peers)
      asked = { answer: readFleet(peers, options), untilMs: nowMs + CACHE_MS, peers };
    return asked.answer;
  };
}

async function readFleet(peers: FleetPeers | undefined, options: FleetOptions): Promise<FleetStatus> {
  const { host, clock } = options;
  const status = options.status();
  const own = readPeerStatus(status);
  const hosts = peers?.hosts ?? [{ name: host }];
  const others = hosts.filter(({ name, address }) => name !== host && address !== undefined) as Required<
    (typeof hosts)[number]
  >[];
  const answers = others.length === 0 ? new Map<string, PeerAnswer>() : await askAll(others, peers?.tokenFile, options);
  if (own !== undefined) answers.set(host, { status: own });
  const revision = status.tip ?? status.revision;
  return {
    host,
    at: new Date(clock.nowMs()).toISOString(),
    ...(revision === undefined ? {} : { revision }),
    hosts: hosts.map(({ name, address }) => ({
      name,
      ...(address === undefined ? {} : { address }),
      ...describeHost(answers.get(name), revision, own),
    })),
  };
}

async function askAll(
  hosts: readonly { readonly name: string; readonly address: string }[],
  tokenFile: string | undefined,
  { warnings, timeoutMs = TIMEOUT_MS, signal }: FleetOptions,
): Promise<Map<string, PeerAnswer>> {
  const token = await readFleetToken(tokenFile, warnings);
  // Nobody but who looks at the fleet needs it.
  const { createHttpClient } = await import("../lib/http-client.ts");
  const ca = hosts.some(({ address }) => address.startsWith("https:")) ? { ca: await readAuthorities() } : {};
  const client = createHttpClient({
    ...{ connectTimeoutMs: timeoutMs, headersTimeoutMs: timeoutMs, idleTimeoutMs: timeoutMs },
    ...ca,
  });
  const answers = new Map<string, PeerAnswer>();
  const left = [...hosts];
  const ask = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const question = { ...next, ...(token === undefined ? {} : { token }) };
      answers.set(next.name, await askPeer(question, client, timeoutMs, signal));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, hosts.length) }, ask));
  } finally {
    await client.close().catch(() => undefined);
  }
  return answers;
}

/** One word and nothing else is sent: a commit that names another file, such as a private key, does not carry that away. */
async function readFleetToken(
  path: string | undefined,
  warnings: Pick<Warnings, "set"> | undefined,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const secret = await readSecret(path);
  const text = "value" in secret ? secret.value.toString("latin1") : "";
  const problem = "problem" in secret ? secret.problem : `${path}: expected a token: one word of letters, digits and -._~+/=`;
  const isToken = /^[\w.~+/=-]{8,512}$/.test(text);
  warnings?.set("fleet.tokenFile", isToken ? undefined : problem);
  return isToken ? text : undefined;
}

/** Those that come with Node.js and those of this machine, where a fleet's own authority is put. */
async function readAuthorities(): Promise<string> {
  const { getCACertificates } = await import("node:tls");
  return [...new Set([...getCACertificates("default"), ...getCACertificates("system")])].join("\n");
}

function describeHost(
  answer: PeerAnswer | undefined,
  revision: string | undefined,
  own: PeerStatus | undefined,
): Omit<FleetHost, "name" | "address"> {
  if (answer === undefined) return { ...NOTHING, state: "unasked", reason: "its host file has no address" };
  if ("reason" in answer) return { ...NOTHING, state: "unreachable", reason: answer.reason };
  const { host: _host, committedAtMs, ...rest } = answer.status;
  const position = comparePosition(answer.status, revision, own);
  return { ...rest, ...(position === undefined ? {} : { position }) };
}

const NOTHING = { stacks: [], drift: 0, holds: 0 };

/** Commits know when they were made, and what is older than what is in force here is behind. */
function comparePosition(
  { revision, committedAtMs }: PeerStatus,
  newest: string | undefined,
  own: PeerStatus | undefined,
): FleetHost["position"] | undefined {
  if (revision === undefined) return undefined;
  if (revision === newest) return "current";
  // What is in force here is itself not the newest.
  if (revision === own?.revision) return "behind";
  if (committedAtMs === undefined || own?.committedAtMs === undefined) return "other";
  if (committedAtMs < own.committedAtMs) return "behind";
  return own.revision === newest && committedAtMs > own.committedAtMs ? "ahead" : "other";
}
