import { isLoopback, type ListenAddress } from "./listen-address.ts";

/** Tells whether a request's Host header means this server; `localAddress` is where its connection arrived. */
export type HostCheck = (header: string | undefined, localAddress: string | undefined) => boolean;

/** Every address of the machine: no name of its own. */
const WILDCARDS = ["", "0.0.0.0", "::"];

/**
 * Against pages that make a browser ask this server under a name of theirs (DNS rebinding): the header must name `listen`, one of
 * `allowedHosts`, the very address of the connection, or this machine when the connection came from it. Ports do not matter.
 */
export function openHostCheck(listen: ListenAddress, allowedHosts: readonly string[]): HostCheck {
  const own = WILDCARDS.includes(listen.host) ? [] : [listen.host.includes(":") ? `[${listen.host}]` : listen.host];
  const names = new Set([...own, ...allowedHosts].map(readName));
  return (header, localAddress) => {
    const name = readName(header);
    if (name === undefined) return false;
    const local = localAddress?.replace(/^::ffff:(?=[\d.]+$)/i, "") ?? "";
    return names.has(name) || name === local || (isLoopback(local) && (name === "localhost" || isLoopback(name)));
  };
}

/** The name in a Host header: lower case, without port and final dot, addresses in their usual spelling and without brackets. */
function readName(header: string | undefined): string | undefined {
  const [, name] = /^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::\d{0,5})?$/.exec(header ?? "") ?? [];
  const url = `http://${name}/`;
  if (name === undefined || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[|\]$|\.$/g, "");
}
