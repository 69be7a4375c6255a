import type { Probe, ProbeResult, ProbeTarget } from "../model/probe.ts";

/** Runs probes. What fails is a result; throws `aborted`, and `engine-unreachable` where the engine is needed and nothing is known. */
export interface Prober {
  probe(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult>;
}
