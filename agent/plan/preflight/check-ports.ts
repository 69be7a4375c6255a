import { canonicalAddress, isLoopback, isWildcard } from "../../lib/ip-address.ts";
import type { Listener } from "../../model/machine.ts";
import type { HostFound, HostNeeds, PreflightFinding } from "../../model/preflight.ts";
import { describeMissingAddress } from "./check-requires.ts";
import { describePort, listPublished, overlaps, type WantedPort } from "./list-published.ts";

/** What keeps the published ports of a host's stacks from being bound. */
export function checkPorts(needs: HostNeeds, found: HostFound): PreflightFinding[] {
  const { stacks, leaving = [] } = needs;
  const wanted = stacks.flatMap(({ name, model }) => listPublished(name, model));
  // What a stack holds now it gives up when its model does not name it any more; what two models name is told as such.
  const ours = new Set([...stacks.map(({ name }) => name), ...leaving]);
  return [
    ...checkAddresses(wanted, needs, found),
    ...wanted.flatMap((port, index) => checkOthers(port, wanted.slice(0, index))),
    ...wanted.flatMap((port) => checkHolders(port, found, ours)),
  ];
}

/** Addresses that no interface has, once for all that a service publishes there. */
function checkAddresses(wanted: readonly WantedPort[], needs: HostNeeds, { machine }: HostFound): PreflightFinding[] {
  if (machine.bindsAnyAddress) return [];
  const required = [needs, ...needs.stacks].flatMap(({ requires }) => requires?.addresses ?? []).map(canonicalAddress);
  const missing = wanted.filter(({ address }) => {
    if (address === undefined || isWildcard(address) || isLoopback(address)) return false;
    return !machine.addresses.includes(address) && !required.includes(address);
  });
  const groups = Map.groupBy(missing, ({ stack, service, address }) => [stack, service, address].join(" "));
  return [...groups.values()].flatMap(([port, ...others]): PreflightFinding[] => {
    if (port === undefined) return [];
    const ports = [port, ...others].map((one) => `${one.port}/${one.protocol}`).join(", ");
    const what = `address ${port.address}, where ${port.service} publishes ${ports}`;
    return [{ ...describeMissingAddress(what, machine.addresses), stack: port.stack, severity: "error" }];
  });
}

function checkOthers(port: WantedPort, earlier: readonly WantedPort[]): PreflightFinding[] {
  const other = earlier.find(
    (one) => one.port === port.port && one.protocol === port.protocol && overlaps(one.address, port.address),
  );
  if (other === undefined) return [];
  const who = other.stack === port.stack ? `${other.service} of this stack` : `${other.service} of ${other.stack}`;
  const fix = "publish one of the two on another port or another address";
  return [tell(port, { expected: "no other service there", actual: `${who} publishing ${describePort(other)}`, fix })];
}

function checkHolders(port: WantedPort, { machine, usage }: HostFound, ours: ReadonlySet<string>): PreflightFinding[] {
  // Whether it is a container of ours that listens, only the engine knows.
  if (usage === undefined) return [];
  const containerOf = (listener: Listener) => usage.containers.find(({ id }) => id === listener.containerId);
  const isOurs = (project: string | undefined): boolean => project !== undefined && ours.has(project);
  const published = usage.published.filter((one) => one.port === port.port && one.protocol === port.protocol);
  const container = published.find((one) => overlaps(one.address, port.address) && !isOurs(one.project));
  if (container !== undefined) {
    const project = container.project === undefined ? "" : ` of the project ${container.project}`;
    return [
      tell(port, {
        expected: "a free port",
        actual: `container ${container.container}${project} publishing it`,
        fix: `stop it (\`docker stop ${container.container}\`), or publish another port or address`,
      }),
    ];
  }
  // The engine's own process waits for connections on the ports that it publishes.
  const strangers = machine.listeners.filter(
    (one) =>
      isSamePort(one, port) && !published.some(({ address }) => address === one.address) && !isOurs(containerOf(one)?.project),
  );
  const certain = strangers.find(({ address }) => overlaps(address, port.address));
  // `::` mostly takes the port on IPv4 addresses too; whether it does, the kernel's tables do not say.
  const possible = strangers.find(({ address }) => address === "::");
  const stranger = certain ?? possible;
  if (stranger === undefined) return [];
  const owner = containerOf(stranger);
  const who = owner === undefined ? (stranger.process ?? "another process") : `container ${owner.name}`;
  const finding = tell(port, {
    expected: "a free port",
    actual: `${who} listening on ${describePort(stranger)}`,
    fix: `stop ${who.replace(/ \(pid \d+\)$/, "")}, or publish another port or address`,
  });
  return [certain === undefined ? { ...finding, severity: "warning" } : finding];
}

function isSamePort(listener: Listener, port: WantedPort): boolean {
  return listener.port === port.port && listener.protocol === port.protocol;
}

function tell(port: WantedPort, said: Pick<PreflightFinding, "expected" | "actual" | "fix">): PreflightFinding {
  return { kind: "port", what: `port ${describePort(port)} of ${port.service}`, ...said, stack: port.stack, severity: "error" };
}
