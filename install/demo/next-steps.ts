import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAM } from "./demo-agent.ts";
import type { DemoEngine } from "./demo-engine.ts";
import { writeAskpass } from "./demo-repository.ts";
import type { Screen } from "./screen.ts";
import { DIRECTORY, type Site } from "./site.ts";

/** Writes what a shell sources to reach the demo, and the commands that it then has. */
export function writeEnvironment(site: Site, engine: DemoEngine, repositoryUrl: string, alertmanagerUrl: string): void {
  const command = (name: string, words: readonly string[]) => {
    const path = join(site.bin, name);
    writeFileSync(path, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
    chmodSync(path, 0o755);
  };
  // On the host as docker is: what it says of addresses and ports is said of the host's.
  command("holdfast", engine.onHost([process.execPath, PROGRAM]));
  command("on-host", engine.onHost(["env"]));
  writeFileSync(
    site.environmentFile,
    `# Sourced by a root shell: docker and holdfast then mean the demo's host.
export REPOSITORY=${repositoryUrl}
export ALERTMANAGER=${alertmanagerUrl}
export DOCKER_HOST=unix://${engine.socket}
export HOLDFAST_CONFIG=${site.configuration}
export GIT_ASKPASS=${writeAskpass(site)}
export PATH=${site.bin}:$PATH
# git commits under a name; the demo lends one to those who have not told git theirs.
if ! git config user.email >/dev/null; then
  export GIT_AUTHOR_NAME=you GIT_AUTHOR_EMAIL=you@example.org
  export GIT_COMMITTER_NAME=you GIT_COMMITTER_EMAIL=you@example.org
fi
`,
    { mode: 0o600 },
  );
}

export interface Places {
  readonly site: Site;
  readonly engine: DemoEngine;
  readonly repositoryUrl: string;
  readonly alertmanagerUrl: string;
  readonly dashboardUrl: string;
}

/** How to push a change to the demo, step by step; README.md shows the same commands. */
export const PUSH_A_CHANGE = [
  ["Make docker, holdfast and $REPOSITORY mean the demo", `. ${DIRECTORY}/env`],
  ["Get the repository", 'git clone "$REPOSITORY" /tmp/infra && cd /tmp/infra'],
  ["Change something", "sed -i 's/mem_limit: 12g/mem_limit: 10g/' desired-state/stacks/ai/compose.yaml"],
  ["Push it", 'git commit -am "Give ComfyUI less memory" && git push'],
  ["Look, again after 11 s at most", "holdfast status; docker ps"],
] as const;

/** What to try while the demo goes on running. */
export function showNextSteps(screen: Screen, { site, engine, repositoryUrl, alertmanagerUrl, dashboardUrl }: Places): void {
  screen.heading("Try it yourself");
  screen.say("The agent goes on running until you press Ctrl-C here. In another terminal, as root:");
  screen.commands([
    ...PUSH_A_CHANGE,
    ["Break something, and watch it come back", "docker stop ai-ollama-1; docker rm -f proxy-nginx-proxy-manager-1"],
    ["Watch it on the dashboard, in this machine's browser", dashboardUrl],
    [
      "Look around",
      `on-host busybox wget -qO- http://${engine.address}:81/
amtool alert --alertmanager.url=$ALERTMANAGER
holdfast history; holdfast sync --follow; holdfast doctor
holdfast plan; holdfast render ai; holdfast validate /tmp/infra
tail -f ${site.agentLog}`,
    ],
  ]);
  screen.blank();
  screen.say(
    `Dashboard ${dashboardUrl}, repository ${repositoryUrl}, Alertmanager ${alertmanagerUrl}, agent's configuration ${site.configuration}.`,
  );
  screen.say("Ctrl-C removes the demo: containers, repository and data.");
}
