import { main } from "./commands/command-line.ts";

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
process.exit(await main(process.argv.slice(2), stop.signal));
