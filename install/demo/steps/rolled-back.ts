import {
  allHealthy,
  type Demo,
  docker,
  listContainers,
  showDiff,
  showHoldfast,
  waitForAlert,
  waitForResolved,
  waitForStatus,
} from "../demo.ts";

const COMPOSE = "desired-state/stacks/pihole/compose.yaml";
const STACK = "desired-state/stacks/pihole/stack.yaml";
const CONTAINER = "pihole-pihole-1";

/** A change breaks a service: it is taken back by itself, and told; the fix is pushed. */
export async function rolledBack(demo: Demo): Promise<void> {
  const { screen, repository } = demo;
  screen.say(
    "A change can be valid and yet not work. Somebody mistypes a setting of the DNS server, which then does not start; the stack is given 15 seconds to get healthy.",
  );
  repository.edit(COMPOSE, "FTLCONF_misc_dnsmasq_lines: address=", "FTLCONF_misc_dnsmasq_lines: adress=");
  repository.edit(STACK, "dependsOn: [proxy]", "dependsOn: [proxy]\nverify: {timeout: 15s}");
  await showDiff(demo);
  await waitForStatus(
    demo,
    "waiting until every stack has stayed healthy for ten seconds",
    (status) => status.stacks.every(({ verified }) => verified === true),
    "every stack is verified, and so has something to go back to",
  );
  await repository.commit("Tidy up the DNS settings");
  const before = await listContainers(demo);
  screen.command("git push");
  await repository.push();
  await waitForStatus(
    demo,
    "waiting until the agent has tried it, and taken it back",
    async (status) => {
      const stack = status.stacks.find(({ name }) => name === "pihole");
      const replaced = (await listContainers(demo)).get(CONTAINER) !== before.get(CONTAINER);
      return stack !== undefined && stack.revision !== status.revision && replaced && (await allHealthy(demo));
    },
    "the stack is back at the revision that worked, and healthy",
  );
  await waitForAlert(demo, { alertname: "HoldfastRolledBack", stack: "pihole" });
  const environment = await docker(demo, "inspect", "--format", "{{.Config.Env}}", CONTAINER);
  if (environment.includes("adress=")) throw new Error(`${CONTAINER} should have the setting that worked`);
  const others = [...before].filter(([name]) => name !== CONTAINER);
  const after = await listContainers(demo);
  if (others.some(([name, id]) => after.get(name) !== id)) throw new Error("another container was replaced");
  screen.done(`the other ${others.length} containers were not touched`);
  await showHoldfast(demo, "status");

  screen.say("\nThe author takes the change back in Git too:");
  screen.command("git revert --no-edit HEAD && git push");
  await repository.git("revert", "--no-edit", "HEAD");
  const revision = (await repository.git("rev-parse", "HEAD")).trim();
  await repository.push();
  await waitForStatus(
    demo,
    "waiting for the agent's next poll",
    (seen) => seen.healthy && seen.revision === revision,
    "the new revision is in force",
  );
  await waitForResolved(demo, ["HoldfastRolledBack"]);
}
