import { type Demo, listContainers, showDiff, showHoldfast, waitForAlert, waitForResolved, waitForStatus } from "../demo.ts";

const COMPOSE = "desired-state/stacks/ai/compose.yaml";

/** A typo is pushed: it is refused with its place, what runs goes on running; the fix is pushed. */
export async function invalidPush(demo: Demo): Promise<void> {
  const { screen, repository } = demo;
  const good = "image: ghcr.io/open-webui/open-webui:v0.6.41";
  screen.say("Now a typo gets into the repository.");
  repository.edit(COMPOSE, good, good.replace("image", "imge"));
  await showDiff(demo);
  await repository.commit("Tidy up");
  const before = await listContainers(demo);
  screen.command("git push");
  await repository.push();
  const status = await waitForStatus(
    demo,
    "waiting until the agent has examined it",
    (seen) => seen.stacks.some((stack) => stack.name === "ai" && stack.state === "invalid"),
    "the revision is refused for the stack ai; its last good one stays in force",
  );
  const place = `${COMPOSE}:${repository.findLine(COMPOSE, "imge:")}:`;
  if (!status.findings.some((finding) => finding.startsWith(place)))
    throw new Error(`no finding names the place of the typo, ${place}: ${status.findings.join("; ") || "none"}`);
  await showHoldfast(demo, "status");
  screen.blank();
  await waitForAlert(demo, { alertname: "HoldfastRevisionRejected", stack: "ai" });
  const after = await listContainers(demo);
  if ([...before].some(([name, id]) => after.get(name) !== id))
    throw new Error("a container changed although the push was invalid");
  screen.done(`all ${after.size} containers run as before`);

  screen.say("\nThe author takes it back:");
  screen.command("git revert --no-edit HEAD && git push");
  await repository.git("revert", "--no-edit", "HEAD");
  await repository.push();
  await waitForStatus(demo, "waiting for the agent's next poll", (seen) => seen.healthy, "the new revision is in force");
  await waitForResolved(demo, ["HoldfastRevisionRejected", "HoldfastDrift"]);
}
