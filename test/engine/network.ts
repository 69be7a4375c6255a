import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

export interface Bridge {
  /** The bridge's name, at most 15 characters; made when it is missing. With `hostAddress`, the machine's interface to it. */
  readonly name: string;
  /** The machine's own address on the bridge, so that a test process can reach the engines: "192.168.254.1/24". */
  readonly hostAddress?: string;
}

export interface NamespaceRecord {
  readonly netns: string;
  readonly veth?: string;
  readonly bridge?: string;
}

export interface NamespaceOptions {
  readonly netns: string;
  /** The bridge's end of the pair that connects the namespace to it. */
  readonly veth: string;
  readonly addresses: readonly string[];
  readonly bridge?: Bridge;
}

function runIp(...args: string[]): void {
  const result = spawnSync("ip", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`ip ${args.join(" ")}: ${result.stderr?.trim() || result.error?.message}`);
}

function tryIp(...args: string[]): void {
  spawnSync("ip", args, { stdio: "ignore" });
}

function withPrefix(address: string, bits: number): string {
  return address.includes("/") ? address : `${address}/${bits}`;
}

/**
 * The bridge has a namespace of its own: in the machine's, whose firewall drops what it forwards as soon as a Docker
 * engine runs there, the engines would not reach each other.
 */
function switchOf(bridge: string): string {
  return `${bridge}-switch`;
}

function createBridge(bridge: Bridge): void {
  const own = switchOf(bridge.name);
  // Several test files may make the same bridge at once: the loser's "File exists" is as good as success.
  if (!existsSync(`/run/netns/${own}`)) tryIp("netns", "add", own);
  tryIp("-n", own, "link", "add", "br0", "type", "bridge");
  runIp("-n", own, "link", "set", "br0", "up");
  if (bridge.hostAddress === undefined || existsSync(`/sys/class/net/${bridge.name}`)) return;
  tryIp("link", "add", bridge.name, "type", "veth", "peer", "name", "machine", "netns", own);
  runIp("-n", own, "link", "set", "machine", "master", "br0", "up");
  tryIp("address", "add", bridge.hostAddress, "dev", bridge.name);
  runIp("link", "set", bridge.name, "up");
}

/**
 * Makes a network namespace with its loopback up. Without a bridge the addresses go to the loopback interface (a
 * kernel without the dummy driver has nothing else); with one they go to `eth0`, which reaches every other namespace
 * on that bridge.
 */
export function createNamespace(options: NamespaceOptions): void {
  const { netns, veth, addresses, bridge } = options;
  runIp("netns", "add", netns);
  runIp("-n", netns, "link", "set", "lo", "up");
  if (bridge === undefined) {
    for (const address of addresses) runIp("-n", netns, "address", "add", withPrefix(address, 32), "dev", "lo");
    return;
  }
  createBridge(bridge);
  const own = switchOf(bridge.name);
  runIp("-n", own, "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", netns);
  runIp("-n", own, "link", "set", veth, "master", "br0", "up");
  for (const address of addresses) runIp("-n", netns, "address", "add", withPrefix(address, 24), "dev", "eth0");
  runIp("-n", netns, "link", "set", "eth0", "up");
}

/** Removes a namespace, its end of the bridge, and the bridge when nothing is connected to it any more. */
export function removeNamespace(record: NamespaceRecord): void {
  const { netns, veth, bridge } = record;
  const own = bridge === undefined ? undefined : switchOf(bridge);
  if (own !== undefined && veth !== undefined) tryIp("-n", own, "link", "delete", veth);
  if (existsSync(`/run/netns/${netns}`)) tryIp("netns", "delete", netns);
  if (own === undefined || bridge === undefined || countEngines(own) > 0) return;
  tryIp("link", "delete", bridge);
  tryIp("netns", "delete", own);
}

function countEngines(own: string): number {
  const { stdout } = spawnSync("ip", ["-n", own, "-o", "link", "show", "master", "br0"], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "" && !line.includes(" machine@")).length;
}

/** The arguments that run a command inside a namespace. Only the network changes: /sys with its cgroups stays as it is. */
export function enterNamespace(netns: string | null, argv: readonly string[]): string[] {
  return netns === null ? [...argv] : ["nsenter", `--net=/run/netns/${netns}`, "--", ...argv];
}
