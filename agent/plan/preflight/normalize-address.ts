/** One spelling for each IP address or subnet: IPv6 has many. */
export function normalizeAddress(text: string): string {
  const [address = "", prefix] = text.split("/");
  const url = address.includes(":") ? URL.parse(`http://[${address}]`) : null;
  return url === null ? text : [url.hostname.slice(1, -1), ...(prefix === undefined ? [] : [prefix])].join("/");
}
