import { openMachine } from "../../agent/host/open-machine.ts";
import type { FactsRequest } from "../../agent/model/machine.ts";

/** Run inside the network namespace of a test's engine: `machine-inside.ts REQUEST`. Prints the facts as JSON. */
const [request = ""] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await openMachine().read(JSON.parse(request) as FactsRequest, new AbortController().signal)));
