import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { waitFor } from "./wait-for.ts";

const FORWARD = `const { connect, createServer } = require("node:net");
createServer((one) => { const two = connect(SOCKET); one.pipe(two).pipe(one);
  for (const end of [one, two]) end.on("error", () => (one.destroy(), two.destroy())); }).listen(PORT, "127.0.0.1", () => console.log("ready"));`;

/**
 * Makes a port of this machine's loopback reachable at the same address on the demo's host, which has a network of its own: the agent
 * runs there, as it would on a real one. Returns what ends it.
 */
export async function sharePort(
  port: number,
  directory: string,
  onHost: (argv: readonly string[]) => string[],
  signal: AbortSignal,
): Promise<() => void> {
  const socket = join(directory, `port-${port}.sock`);
  rmSync(socket, { force: true });
  const server = createServer((one) => {
    const two = connect(port, "127.0.0.1");
    one.pipe(two).pipe(one);
    for (const end of [one, two])
      end.on("error", () => {
        one.destroy();
        two.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const script = FORWARD.replace("SOCKET", JSON.stringify(socket)).replace("PORT", String(port));
  const [command = "", ...args] = onHost(["setpriv", "--pdeathsig=KILL", process.execPath, "-e", script]);
  const inside = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  let ready = false;
  inside.stdout.once("data", () => {
    ready = true;
  });
  await waitFor(`port ${port} is shared`, async () => ready, { timeoutMs: 10_000, signal });
  return () => {
    inside.kill("SIGKILL");
    server.close();
    rmSync(socket, { force: true });
  };
}
