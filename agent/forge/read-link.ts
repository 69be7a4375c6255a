/** The path and query of the next page that a `Link` header names (RFC 8288); undefined on the last page. */
export function readNextPage(link: string | undefined, api: URL): string | undefined {
  for (const [, address = "", parameters = ""] of (link ?? "").matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:,|;|$)/i.test(parameters)) continue;
    if (!URL.canParse(address, api.href)) continue;
    const { pathname, search } = new URL(address, api);
    // Only ever the server that was named gets the token, by whatever name it calls itself.
    const root = api.pathname.replace(/\/+$/, "");
    return pathname.startsWith(`${root}/`) ? `${pathname.slice(root.length)}${search}` : undefined;
  }
  return undefined;
}
