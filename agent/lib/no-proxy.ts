import { BlockList, isIP } from "node:net";

/**
 * Whether `list`, the value of NO_PROXY, names the host of `target`: as `host` (and what ends in `.host`), `.suffix`, an address or
 * a network (`10.0.0.0/8`), each with a `:port` if only that one is meant, or `*`. Nothing is looked up: a name matches names only.
 */
export function isExempt(target: URL, list: string): boolean {
  const host = target.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  const port = target.port === "" ? (target.protocol === "https:" ? 443 : 80) : Number(target.port);
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => matches(entry, host, port));
}

function matches(entry: string, host: string, port: number): boolean {
  // An IPv6 address has more than one colon, and needs brackets before a port.
  const [, named = entry, namedPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (namedPort !== undefined && Number(namedPort) !== port) return false;
  if (named === "*") return true;
  if (isIP(host) !== 0) return coversAddress(named.replace(/^\[(.*)\]$/, "$1"), host);
  const suffix = named.replace(/^\*?\./, "").replace(/\.$/, "");
  return suffix !== "" && (host === suffix || host.endsWith(`.${suffix}`));
}

function coversAddress(network: string, host: string): boolean {
  const [address = "", bits] = network.split("/");
  if (isIP(address) !== isIP(host)) return false;
  const family = isIP(host) === 6 ? "ipv6" : "ipv4";
  const most = family === "ipv6" ? 128 : 32;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) return false;
  const covered = new BlockList();
  covered.addSubnet(address, bits === undefined ? most : Number(bits), family);
  return covered.check(host, family);
}
