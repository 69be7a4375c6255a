import { allHealthy, type Demo, docker, listContainers, showDiff, showHoldfast, waitForStatus } from "../demo.ts";

const COMPOSE = "desired-state/stacks/ai/compose.yaml";
const CONTAINER = "ai-open-webui-1";

/** A commit changes one service; only its container is replaced. */
export async function pushedChange(demo: Demo): Promise<void> {
  const { screen, repository } = demo;
  screen.say("Open WebUI is to get 3 GiB of memory instead of 2. That is one line of a Compose file.");
  repository.edit(COMPOSE, "mem_limit: 2g", "mem_limit: 3g");
  await showDiff(demo);
  const revision = await repository.commit("Give Open WebUI more memory");
  screen.say("\nCommitted, but not pushed yet. The plan of the working copy says what the push would do, and why:");
  const planned = await showHoldfast(demo, "plan", "--repository-url", demo.site.clone);
  if (planned !== 2) throw new Error(`holdfast plan should have ended with 2 (changes), not ${planned}`);

  const before = await listContainers(demo);
  screen.command("git push");
  await repository.push();
  await waitForStatus(
    demo,
    "waiting for the next poll (every 10 s) and the new container",
    async (status) => {
      const replaced = (await listContainers(demo)).get(CONTAINER) !== before.get(CONTAINER);
      return replaced && status.revision === revision && (await allHealthy(demo));
    },
    `${CONTAINER} is replaced and healthy`,
  );
  await tellWhatChanged(demo, before);
  screen.command(`docker inspect --format '{{.HostConfig.Memory}}' ${CONTAINER}`);
  const memory = await docker(demo, "inspect", "--format", "{{.HostConfig.Memory}}", CONTAINER);
  screen.output(memory);
  if (Number(memory) !== 3 * 1024 ** 3) throw new Error(`${CONTAINER} should have 3 GiB now`);
}

async function tellWhatChanged({ screen, ...demo }: Demo, before: ReadonlyMap<string, string>): Promise<void> {
  const after = await listContainers({ screen, ...demo });
  const replaced = [...after].filter(([name, id]) => before.get(name) !== id).map(([name]) => name);
  if (replaced.join() !== CONTAINER)
    throw new Error(`only ${CONTAINER} should be a new container, not ${replaced.join(", ") || "none"}`);
  screen.done(`${CONTAINER} is a new container; the other ${after.size - 1} were not touched`);
}
