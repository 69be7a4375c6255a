import { runCommand } from "../../../test/engine/run-command.ts";
import { type Demo, showContainers, showHoldfast, waitForStatus } from "../demo.ts";

/** The host runs nothing; the agent brings it to what the repository describes. */
export async function firstConverge(demo: Demo): Promise<void> {
  const { screen, engine } = demo;
  await waitForStatus(
    demo,
    "waiting until all three stacks run and are healthy",
    (status) => status.healthy && status.stacks.length === 3,
    "proxy, pihole and ai run and are healthy",
  );
  await showContainers(demo);
  await showHoldfast(demo, "status");
  const url = `http://${engine.address}:81/`;
  screen.command(`on-host busybox wget -qO- ${url}`);
  const page = await runCommand(engine.onHost(["busybox", "wget", "-qO-", url]));
  screen.output(page.stdout);
}
