import { main } from "./commands/command-line.ts";

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
void main(process.argv.slice(2), stop.signal).then((code) => process.exit(code));
