import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { waitFor } from "./wait-for.ts";

/** Runs in the host's network: hands on what arrives at FROM to TO. */
const FORWARD = `const { connect, createServer } = require("node:net");
createServer((one) => { const two = connect(TO); one.pipe(two).pipe(one);
  for (const end of [one, two]) end.on("error", () => (one.destroy(), two.destroy())); }).listen(FROM, () => console.log("ready"));`;

export interface SharedPort {
  /** Of 127.0.0.1, on both sides. */
  readonly port: number;
  /** `to-host`: this machine serves it, the host asks. `from-host`: the other way round. */
  readonly direction: "to-host" | "from-host";
  /** For the socket between the two; only root may enter it. */
  readonly directory: string;
  /** Makes the command that runs another one on the host. */
  readonly onHost: (argv: readonly string[]) => readonly string[];
}

/**
 * Makes a port of the loopback address reachable at the same address on the other side: the demo's host has a network of its own, as
 * a real one would. Returns what ends it; rejects when the port is taken where it is to be offered.
 */
export async function sharePort(shared: SharedPort, signal: AbortSignal): Promise<() => void> {
  const { port, direction, directory, onHost } = shared;
  const socket = join(directory, `port-${port}.sock`);
  rmSync(socket, { force: true });
  const address = { port, host: "127.0.0.1" };
  const [outside, inside] = direction === "to-host" ? [{ path: socket }, address] : [address, { path: socket }];
  const server = createServer((one) => {
    const two = connect(inside);
    one.pipe(two).pipe(one);
    for (const end of [one, two])
      end.on("error", () => {
        one.destroy();
        two.destroy();
      });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(outside, resolve));
  const script = FORWARD.replace("TO", JSON.stringify(outside)).replace("FROM", JSON.stringify(inside));
  const [command = "", ...args] = onHost(["setpriv", "--pdeathsig=KILL", process.execPath, "-e", script]);
  const forwarder = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  let ready = false;
  forwarder.stdout.once("data", () => {
    ready = true;
  });
  await waitFor(`port ${port} is shared`, async () => ready, { timeoutMs: 10_000, signal });
  return () => {
    forwarder.kill("SIGKILL");
    server.close();
    rmSync(socket, { force: true });
  };
}
