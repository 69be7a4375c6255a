import { parseArgs } from "node:util";
import { runDemo } from "./run-demo.ts";
import { openScreen } from "./screen.ts";

const USAGE = `npm run demo [-- OPTIONS]

Shows what Holdfast does, on a Docker engine of its own; takes about two minutes, then stays for you to try it.

  --check           run through the steps and end; exits 0 when all of it happened
  --engine SOCKET   use the Docker engine behind this Unix socket instead of a private one
  --picture FILE    run through the steps, end, and draw two of them as an SVG
  --help            this text
`;

const stop = new AbortController();
// Not once: npm passes on an interrupt that the terminal has sent already.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort(signal));

process.exit(await main());

async function main(): Promise<number> {
  let options: { check?: boolean; engine?: string; help?: boolean };
  try {
    options = parseArgs({
      options: { check: { type: "boolean" }, engine: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 1;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  return runDemo(
    { check: options.check ?? false, ...(options.engine !== undefined && { engine: options.engine }) },
    openScreen(process.stdout, process.env),
    stop.signal,
  );
}
