import { BlockList, isIPv4, isIPv6 } from "node:net";

export interface AddressOptions {
  /** `host:port`, or blocks of addresses, that may be asked without TLS, as Docker's `insecure-registries`. */
  readonly insecureRegistries?: readonly string[];
  /** Where a registry is, by its name, when it is not at its name. */
  readonly endpoints?: Readonly<Record<string, string>>;
}

const HUB: Readonly<Record<string, string>> = { "docker.io": "https://registry-1.docker.io" };
/** What Docker asks without TLS unasked. */
const LOOPBACK = ["127.0.0.0/8", "::1/128"];

/** Where to ask a registry, in order: https, and after it plain http where Docker would. Empty when its name is no address. */
export function listAddresses(registry: string, options: AddressOptions = {}): readonly URL[] {
  const known = { ...HUB, ...options.endpoints }[registry];
  const address = known ?? `https://${registry}`;
  if (!URL.canParse(address)) return [];
  const secure = new URL(address);
  if (known !== undefined || !isInsecure(registry, options)) return [secure];
  return [secure, new URL(`http://${registry}`)];
}

/**
 * Whether a `host:port` may be asked without TLS. A name other than `localhost` counts only when it is listed: what it resolves to
 * is up to whoever answers.
 */
export function isInsecure(host: string, options: AddressOptions = {}): boolean {
  const listed = options.insecureRegistries ?? [];
  if (listed.includes(host)) return true;
  if (!URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, "");
  if (name === "localhost") return true;
  if (isIPv4(name)) return listBlocks(listed).check(name, "ipv4");
  return isIPv6(name) && listBlocks(listed).check(name, "ipv6");
}

function listBlocks(listed: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const block of [...LOOPBACK, ...listed]) {
    const [network = "", bits = ""] = block.split("/");
    if (!/^\d{1,3}$/.test(bits)) continue;
    if (isIPv4(network) && Number(bits) <= 32) blocks.addSubnet(network, Number(bits), "ipv4");
    if (isIPv6(network) && Number(bits) <= 128) blocks.addSubnet(network, Number(bits), "ipv6");
  }
  return blocks;
}
