import { allHealthy, type Demo, docker, listContainers, waitForAlert, waitForStatus } from "../demo.ts";

const CONTAINER = "pihole-pihole-1";

/** Somebody removes a container by hand; it comes back, and somebody else is told. */
export async function removedContainer(demo: Demo): Promise<void> {
  const { screen } = demo;
  screen.say("Somebody removes the DNS server of the host. Nothing in Git has changed, the host has: that is drift.");
  const before = await listContainers(demo);
  screen.command(`docker rm --force ${CONTAINER}`);
  await docker(demo, "rm", "--force", CONTAINER);
  screen.output(CONTAINER);
  await waitForStatus(
    demo,
    "waiting until it is back and healthy",
    async () => {
      const id = (await listContainers(demo)).get(CONTAINER);
      return id !== undefined && id !== before.get(CONTAINER) && (await allHealthy(demo));
    },
    `${CONTAINER} is back and healthy`,
  );
  await waitForAlert(demo, { alertname: "HoldfastDrift", stack: "pihole", kind: "service-missing" });
}
