/**
 * An IP address in its one usual spelling, without a zone: `::1` for `0:0::1`, `10.0.0.1` for `::ffff:10.0.0.1`. Undefined when
 * the text is none.
 */
export function canonicalAddress(text: string): string | undefined {
  if (!text.includes(":")) {
    const parts = text.split(".");
    return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255) ? text : undefined;
  }
  const literal = `http://[${text.replace(/%.*/, "")}]/`;
  if (!/^[0-9a-f:.]+(%.*)?$/i.test(text) || !URL.canParse(literal)) return undefined;
  const address = new URL(literal).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped === null) return address;
  return mapped
    .slice(1)
    .flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff])
    .join(".");
}

/** Whether an address in its usual spelling stands for every address of its family. */
export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** Whether an address in its usual spelling belongs to the machine itself, whatever its interfaces. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** A host and a port: `lan:80`, `10.0.0.1:53`, `[::1]:53`. Undefined when it is none; `defaultPort` allows to leave the port out. */
export function splitHostPort(text: string, defaultPort?: number): { readonly host: string; readonly port: number } | undefined {
  const bare = canonicalAddress(text);
  if (bare !== undefined && defaultPort !== undefined) return { host: bare, port: defaultPort };
  const match = /^(?:\[([^[\]]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(text);
  const [, inBrackets, name, digits] = match ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  const host = inBrackets === undefined ? name : canonicalAddress(inBrackets);
  if (host === undefined || port === undefined || port < 1 || port > 65_535) return undefined;
  return inBrackets !== undefined && !inBrackets.includes(":") ? undefined : { host, port };
}
