import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { waitUntil } from "../engine/wait-until.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

const FORWARD = `const { connect, createServer } = require("node:net");
createServer((one) => { const two = connect(PORT, "127.0.0.1"); one.pipe(two).pipe(one);
  for (const end of [one, two]) end.on("error", () => (one.destroy(), two.destroy())); }).listen(SOCKET);`;

/**
 * Makes a port that listens on loopback inside an engine's network namespace reachable at the same address outside of it: an
 * engine takes only a registry on its own loopback without TLS, and the agent asks that registry by the same name.
 */
export async function sharePort(port: number, enter: (argv: readonly string[]) => string[]): Promise<() => Promise<void>> {
  const directory = createTemporaryDirectory("hf-port-");
  const socket = join(directory, "port.sock");
  const script = FORWARD.replace("PORT", String(port)).replace("SOCKET", JSON.stringify(socket));
  const [command = "", ...args] = enter([process.execPath, "-e", script]);
  const inside = spawn(command, args, { stdio: "ignore" });
  const outside = createServer((one) => {
    const two = connect(socket);
    one.pipe(two).pipe(one);
    for (const end of [one, two])
      end.on("error", () => {
        one.destroy();
        two.destroy();
      });
  });
  const stop = async (): Promise<void> => {
    outside.close();
    inside.kill("SIGKILL");
    removeTemporaryDirectory(directory);
  };
  await new Promise<void>((resolve) => outside.listen(port, "127.0.0.1", resolve));
  await waitUntil("the port is shared", () => reach(port)).catch(async (cause: unknown) => {
    await stop();
    throw cause;
  });
  return stop;
}

function reach(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/v2/`).then(
    (answer) => answer.ok,
    () => false,
  );
}
