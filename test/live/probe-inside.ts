import { openEngine } from "../../agent/engine/open-engine.ts";
import type { Probe } from "../../agent/model/probe.ts";
import { openProber } from "../../agent/probe/open-prober.ts";

/** Run inside the network namespace of a test's engine: `probe-inside.ts SOCKET PROBE…`, with each probe as JSON. Prints the results as JSON. */
const [socket = "", ...probes] = process.argv.slice(2);
const { signal } = new AbortController();
const engine = openEngine({ socket });
const prober = openProber({ engine });
const containers = await engine.listContainers(signal);
const results = await Promise.all(probes.map((probe) => prober.probe(JSON.parse(probe) as Probe, { containers }, signal)));
process.stdout.write(JSON.stringify(results));
process.exit(0);
