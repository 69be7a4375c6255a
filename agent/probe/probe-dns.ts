import type { lookup as lookupName } from "node:dns/promises";
import { isIP } from "node:net";
import { type DnsProbe, joinHostPort } from "../model/probe.ts";
import { describeFailure, failed, type Outcome } from "./outcome.ts";

/** How often a query is sent; the pauses double, and all of them fit into the probe's time. */
const TRIES = 2;
const SHOWN = 3;

/** Asks one server for records of one type; passes when there is at least one. */
export async function probeDns(probe: DnsProbe, signal: AbortSignal): Promise<Outcome> {
  const { server, port, name, type, timeoutMs } = probe;
  const { Resolver, lookup } = await import("node:dns/promises");
  const resolver = new Resolver({ timeout: Math.max(50, Math.floor(timeoutMs / 4)), tries: TRIES });
  const expected = `${/^[AMNS]/.test(type) ? "an" : "a"} ${type} record of ${name}`;
  const cancel = (): void => resolver.cancel();
  try {
    const address = isIP(server) === 0 ? await unlessAborted(findAddress(server, lookup), signal) : server;
    if (address === undefined) return failed(expected, `no address of the server ${server}`);
    resolver.setServers([joinHostPort(address, port)]);
    signal.throwIfAborted();
    signal.addEventListener("abort", cancel, { once: true });
    const answers = await resolver.resolve(name, type);
    const records = (Array.isArray(answers) ? answers : [answers]).map(describeRecord);
    if (records.length === 0) return failed(expected, "an empty answer");
    const more = records.length > SHOWN ? `, and ${records.length - SHOWN} more` : "";
    return { ok: true, detail: `${type} ${records.slice(0, SHOWN).join(", ")}${more}` };
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const known = signal.aborted ? undefined : FAILURES[code];
    return known === undefined ? describeFailure(expected, cause, signal) : failed(expected, known);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function findAddress(name: string, lookup: typeof lookupName): Promise<string | undefined> {
  return lookup(name).then(
    ({ address }) => address,
    () => undefined,
  );
}

// The system's resolver cannot be interrupted; what it says later is not waited for.
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

const FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: "NXDOMAIN: there is no such name",
  ENODATA: "an answer without such a record",
  ESERVFAIL: "SERVFAIL: the server failed",
  EREFUSED: "REFUSED: the server does not answer this host",
  ENOTIMP: "NOTIMP: the server does not know such queries",
  EFORMERR: "FORMERR: the server did not understand the query",
  EBADRESP: "an answer that is not DNS",
  ECONNREFUSED: "nothing: no server listens there",
  ETIMEOUT: "nothing: no answer in time",
};

// Addresses and names are texts, TXT records lists of texts, the others objects.
function describeRecord(record: unknown): string {
  if (typeof record === "string") return record;
  if (Array.isArray(record)) return `"${record.join("")}"`;
  return Object.values((record ?? {}) as object).join(" ");
}
