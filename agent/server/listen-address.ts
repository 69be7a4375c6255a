import { BlockList, isIP } from "node:net";

/** Where the HTTP server listens. */
export interface ListenAddress {
  /** A name or an address without brackets; empty for every address of the machine. */
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Only programs on this machine can reach it. */
  readonly loopback: boolean;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** `127.0.0.1:9616`, `[::1]:9616`, `gpu-box.lan:9616` or `:9616`, which the schema has checked. */
export function parseListen(text: string): ListenAddress {
  const colon = text.lastIndexOf(":");
  const name = text.slice(0, colon).replace(/^\[|\]$/g, "");
  // What the name means is up to the resolver; here it means what everybody expects.
  const host = name.toLowerCase() === "localhost" ? "127.0.0.1" : name;
  return { host, port: Number(text.slice(colon + 1)), loopback: isLoopback(host) };
}

/** Whether an IP address is one that only this machine reaches; IPv4 in IPv6 (`::ffff:127.0.0.1`) is told as what it is. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** As it stands in a URL: `[::1]:9616`. */
export function formatAddress(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
