import type { FileChange } from "../servers/git-repository.ts";

/** The files of a small desired state for the host `box`: one stack with one service, whose variable is `round`. */
export function describeBox(round: number): Record<string, FileChange> {
  return {
    "desired-state/fleet.yaml": "interval: 10s\n",
    "desired-state/hosts/box.yaml": "labels: {}\n",
    "desired-state/stacks/web/stack.yaml": "hosts: all\n",
    "desired-state/stacks/web/conf/motd": `round ${round}\n`,
    "desired-state/stacks/web/compose.yaml": `services:
  web:
    image: busybox:1.35
    restart: unless-stopped
    command: [sleep, "100000"]
    environment: {ROUND: "${round}"}
    volumes: ["./conf:/conf:ro"]
`,
  };
}
