import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

export interface Bridge {
  /** The bridge's interface name on the machine, at most 15 characters; made when it is missing. */
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
  /** The machine's end of the pair that connects the namespace to the bridge. */
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

function createBridge(bridge: Bridge): void {
  // Several test files may make the same bridge at once: the loser's "File exists" is as good as success.
  if (!existsSync(`/sys/class/net/${bridge.name}`)) tryIp("link", "add", bridge.name, "type", "bridge");
  if (bridge.hostAddress !== undefined) tryIp("address", "add", bridge.hostAddress, "dev", bridge.name);
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
  runIp("link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", netns);
  runIp("link", "set", veth, "master", bridge.name, "up");
  for (const address of addresses) runIp("-n", netns, "address", "add", withPrefix(address, 24), "dev", "eth0");
  runIp("-n", netns, "link", "set", "eth0", "up");
}

/** Removes a namespace, its end of the bridge, and the bridge when nothing is connected to it any more. */
export function removeNamespace(record: NamespaceRecord): void {
  if (record.veth !== undefined) tryIp("link", "delete", record.veth);
  if (existsSync(`/run/netns/${record.netns}`)) tryIp("netns", "delete", record.netns);
  if (record.bridge === undefined) return;
  const ports = `/sys/class/net/${record.bridge}/brif`;
  if (existsSync(ports) && readdirSync(ports).length === 0) tryIp("link", "delete", record.bridge);
}

/** The arguments that run a command inside a namespace. Only the network changes: /sys with its cgroups stays as it is. */
export function enterNamespace(netns: string | null, argv: readonly string[]): string[] {
  return netns === null ? [...argv] : ["nsenter", `--net=/run/netns/${netns}`, "--", ...argv];
}
