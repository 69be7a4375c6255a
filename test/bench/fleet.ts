import type { FileChange } from "../servers/git-repository.ts";

/** The label by which the benchmark recognises the container of a change. */
export const ROUND_LABEL = "bench.round";

/** The service that a change is made to. */
export const CHANGED_SERVICE = "web";

/** The host that the agent is. */
export const HOST = "bench";

/** A desired state of `count` stacks for one host: small and ordinary, with a mounted directory and variables; 3 services or more. */
export function describeFleet(count: number, services = 3): Record<string, FileChange> {
  const files: Record<string, FileChange> = {
    "desired-state/fleet.yaml": "interval: 1m\n",
    [`desired-state/hosts/${HOST}.yaml`]: "labels: {role: bench}\n",
  };
  for (const stack of nameStacks(count)) Object.assign(files, describeStack(stack, services));
  return files;
}

export function nameStacks(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `stack-${String(index + 1).padStart(2, "0")}`);
}

function describeStack(stack: string, services: number): Record<string, FileChange> {
  const directory = `desired-state/stacks/${stack}`;
  return {
    [`${directory}/stack.yaml`]: "hosts: {labels: {role: bench}}\n",
    // Read by `docker compose` itself and by Holdfast alike, so that both interpolate the same file.
    [`${directory}/.env`]: `SITE=${stack}.example.org\nTZ=Europe/Warsaw\n`,
    [`${directory}/conf/app.conf`]: `listen = 8080\nname = ${stack}\n`,
    [`${directory}/compose.yaml`]: describeCompose(0, services),
  };
}

/** The files of a push that changes one service of one stack. */
export function describeChange(stack: string, round: number): Record<string, string> {
  return { [`desired-state/stacks/${stack}/compose.yaml`]: describeCompose(round) };
}

function describeCompose(round: number, services = 3): string {
  const more = Array.from(
    { length: services - 3 },
    (_, index) => `  worker-${index + 1}:\n    <<: *common\n    depends_on: [db]\n`,
  );
  return `# Three services of which one needs the two others.
x-common: &common
  image: busybox:1.35
  command: ["sleep", "infinity"]
  restart: unless-stopped
  logging: {driver: json-file, options: {max-size: 10m, max-file: "3"}}

services:
  db:
    <<: *common
    environment: {TZ: "\${TZ}"}
    volumes: ["data:/data"]
  api:
    <<: *common
    environment: {TZ: "\${TZ}", SITE: "\${SITE}", DB_HOST: db}
    volumes: ["./conf:/etc/app:ro"]
    depends_on: [db]
  ${CHANGED_SERVICE}:
    <<: *common
    environment: {TZ: "\${TZ}", SITE: "\${SITE}", API: "http://api:8080", ROUND: "${round}"}
    labels: {${ROUND_LABEL}: "${round}"}
    depends_on: [api]
${more.join("")}
volumes:
  data: {}
`;
}
