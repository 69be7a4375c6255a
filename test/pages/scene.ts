import { type FakeHost, state } from "../reconcile/fake-host.ts";
import { type ServedHost, startAgent } from "../server/start-agent.ts";

/** Stacks of a host as people have them, each service with its image. */
const STACKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ai: { ollama: "ollama/ollama:0.5.7", "open-webui": "ghcr.io/open-webui/open-webui:0.5.10" },
  media: { jellyfin: "jellyfin/jellyfin:10.10.3", metube: "ghcr.io/alexta69/metube:2025-01-14" },
  monitoring: {
    alertmanager: "prom/alertmanager:v0.28.0",
    grafana: "grafana/grafana:11.4.0",
    prometheus: "prom/prometheus:v3.0.1",
  },
  pihole: { pihole: "pihole/pihole:2024.07.0" },
  proxy: { "nginx-proxy-manager": "jc21/nginx-proxy-manager:2.12.2" },
};
const NEWER = "prom/prometheus:v3.1.0";
const MINUTE_MS = 60_000;

const SETTINGS: Readonly<Record<string, string>> = {
  ai: "dependsOn: [proxy]\nverify: {probes: [{http: {service: ollama, port: 11434, path: /api/tags}}, {exec: {service: ollama, command: [nvidia-smi, -L]}}]}\n",
  media: "drift: {mode: report}\n",
  pihole: "verify: {probes: [{dns: {server: 127.0.0.1, name: example.org, type: A}}]}\n",
};

/** Everything of a desired state; each stack is on the hosts that it names, or on all. */
function writeStacks(selections: Readonly<Record<string, string>>): Record<string, string> {
  const stacks = Object.entries(STACKS).map(([name, services]): [string, string][] => [
    [`stacks/${name}/stack.yaml`, `hosts: ${selections[name] ?? "all"}\n${SETTINGS[name] ?? ""}`],
    [`stacks/${name}/compose.yaml`, composeOf(services)],
  ]);
  return Object.fromEntries(stacks.flat());
}

function composeOf(services: Readonly<Record<string, string>>): string {
  const blocks = Object.entries(services).map(
    ([name, image]) => `  ${name}:\n    image: ${image}\n    restart: always\n    healthcheck: {test: [CMD, "true"]}\n`,
  );
  return `services:\n${blocks.join("")}`;
}

export interface Scene {
  /** By host; where its agent is reached, when it is. */
  readonly hosts: Readonly<Record<string, string | undefined>>;
  /** By stack, where it is not on all hosts. */
  readonly selections?: Readonly<Record<string, string>>;
}

/** All of it runs and is healthy on this host. */
export async function runScene(host: FakeHost, { hosts, selections = {} }: Scene): Promise<void> {
  for (const image of [NEWER, ...Object.values(STACKS).flatMap((services) => Object.values(services))])
    host.world.addImage(image);
  const files = Object.entries(hosts).map(([name, address]) => [
    `hosts/${name}.yaml`,
    `platform: linux/amd64\n${address === undefined ? "" : `address: ${address}\n`}`,
  ]);
  host.git.commit(state({ ...Object.fromEntries(files), ...writeStacks(selections) }), "Everything that the house runs");
  await host.verify();
  await pass(host, 47 * MINUTE_MS);
}

/** The next commit. */
export async function update(host: FakeHost): Promise<void> {
  const files = { "stacks/monitoring/compose.yaml": composeOf({ ...STACKS["monitoring"], prometheus: NEWER }) };
  host.git.commit(state(files), "Prometheus 3.1: native histograms");
  await host.verify();
}

/** Time in which nothing happens but the next look. */
export async function pass(host: FakeHost, ms: number): Promise<void> {
  host.clock.advance(ms);
  await host.sample();
  await host.tick();
  const { last } = host.memory();
  // The clock stands still while something is done.
  if (last !== undefined) host.memory().last = { ...last, durationMs: 38 };
  host.memory().nextAtMs = host.clock.nowMs() + 43_000;
}

/** Removes the containers of a service, as somebody does by hand. */
export function removeService(host: FakeHost, service: string): void {
  for (const container of host.world.containers()) if (container.service === service) host.world.remove(container.id);
}

/** Somebody has been at the host: things differ in several ways. */
export async function disturb({ host, api }: ServedHost): Promise<void> {
  await pass(host, 6 * MINUTE_MS);
  removeService(host, "proxy");
  removeService(host, "nginx-proxy-manager");
  await host.settle();
  await pass(host, 4 * MINUTE_MS);
  await api.suspend("monitoring", { reason: "a new disk for the metrics", forMs: 2 * 3_600_000 });
  for (const { id, service } of host.world.containers())
    if (service === "grafana") host.world.change(id, { state: "exited", exitCode: 137 });
  await pass(host, 2 * MINUTE_MS);
  removeService(host, "metube");
  host.probes.failing.set("http ollama:11434/api/tags", "expected status 200 within 5 s, the connection was refused");
  for (let round = 0; round < 4; round += 1) await pass(host, 31_000);
}

/** A fleet of four: one as it should be, one that was tampered with, one that is behind, one that is away. */
export async function startFleet(): Promise<{ readonly agents: readonly ServedHost[]; stop(): Promise<void> }> {
  const names = ["attic", "gpu-box", "nas"];
  const agents = await Promise.all(names.map((name) => startAgent({ name })));
  const hosts = Object.fromEntries([
    ...agents.map(({ url }, index) => [names[index], url.replace("127.0.0.1", "localhost")]),
    ["lan-router", "http://127.0.0.1:9"],
    ["printer", undefined],
  ]);
  const selections = {
    ai: "{names: [gpu-box]}",
    media: "{names: [nas, gpu-box]}",
    proxy: "{names: [gpu-box, attic, lan-router]}",
  };
  for (const { host } of agents) await runScene(host, { hosts, selections });
  for (const { host } of agents.slice(0, 2)) await update(host);
  for (const agent of agents.slice(1, 2)) await disturb(agent);
  return { agents, stop: async () => void (await Promise.all(agents.map((agent) => agent.stop()))) };
}
