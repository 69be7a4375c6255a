import { oneLine } from "../lib/one-line.ts";
import { withDeadline } from "../lib/with-deadline.ts";
import { holdfastError } from "../model/error.ts";
import type { ObservedContainer } from "../model/observed.ts";
import { type HttpProbe, joinHostPort, type Probe, type ProbeResult } from "../model/probe.ts";
import type { Prober } from "../ports/prober.ts";
import type { Engine } from "../ports.ts";
import { failed, type Outcome } from "./outcome.ts";
import { probeCommand } from "./probe-command.ts";
import { probeDns } from "./probe-dns.ts";
import { probeHttp } from "./probe-http.ts";
import { probeTcp } from "./probe-tcp.ts";

export interface ProberOptions {
  readonly engine: Pick<Engine, "addressesOf" | "exec" | "isExecRunning">;
}

/** Probes over the network and in containers. */
export function openProber({ engine }: ProberOptions): Prober {
  /** Commands that did not end in time, by container and command: the same one is not started beside itself. */
  const lasting = new Map<string, string>();

  function run(probe: Probe, containers: readonly ObservedContainer[], signal: AbortSignal): Promise<Outcome> {
    const limit = (task: (limited: AbortSignal) => Promise<Outcome>) => withDeadline(probe.timeoutMs, signal, task);
    switch (probe.kind) {
      case "http": {
        const { target } = probe;
        if ("url" in target) return limit((limited) => probeHttp(probe, target.url, limited));
        return askEach(target.service, containers, async ({ id }) => {
          const addresses = await engine.addressesOf(id, signal);
          return limit((limited) => probeAddresses(probe, target, addresses, limited));
        });
      }
      case "tcp":
        return limit((limited) => probeTcp(probe, limited));
      case "dns":
        return limit((limited) => probeDns(probe, limited));
      case "exec":
        return askEach(probe.service, containers, (container) => probeCommand(probe, container, engine, lasting, signal));
      default:
        return probe satisfies never;
    }
  }

  return {
    async probe(probe, { containers }, signal): Promise<ProbeResult> {
      const startedAtMs = performance.now();
      try {
        const { ok, detail } = await run(probe, containers, signal);
        return { ok, durationMs: Math.round(performance.now() - startedAtMs), detail: oneLine(detail) };
      } catch (cause) {
        if (signal.aborted) throw holdfastError("aborted", "a probe was interrupted", { handling: "transient", cause });
        throw cause;
      }
    },
  };
}

/** Asks every container of a service that runs; what fails is told before what passes. */
async function askEach(
  service: string,
  containers: readonly ObservedContainer[],
  ask: (container: ObservedContainer) => Promise<Outcome>,
): Promise<Outcome> {
  const own = containers.filter((one) => one.service === service && !one.oneOff && one.state === "running");
  own.sort((a, b) => a.number - b.number);
  const outcomes = await Promise.all(own.map(async (one) => ({ name: one.name, ...(await ask(one)) })));
  const told = outcomes.find(({ ok }) => !ok) ?? outcomes[0];
  if (told === undefined) return failed(`an answer of ${service}`, "no container that runs");
  return outcomes.length === 1 ? told : { ok: told.ok, detail: `${told.name}: ${told.detail}` };
}

type ContainerTarget = Exclude<HttpProbe["target"], { readonly url: string }>;

/** A container answers where one of its addresses does: the host need not reach all of its networks. */
async function probeAddresses(
  probe: HttpProbe,
  { service, port, path }: ContainerTarget,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Outcome> {
  if (addresses.length === 0) return failed(`an answer of ${service}`, "no network of it that the host reaches");
  const rest = new AbortController();
  const stop = (): void => rest.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.any(
      addresses.map(async (address) => {
        const outcome = await probeHttp(probe, `http://${joinHostPort(address, port)}${path}`, rest.signal);
        if (!outcome.ok) throw outcome;
        return outcome;
      }),
    );
  } catch (cause) {
    const [first] = (cause as AggregateError).errors as (Outcome | Error)[];
    if (first instanceof Error || first === undefined) throw first;
    return first;
  } finally {
    signal.removeEventListener("abort", stop);
    rest.abort();
  }
}
