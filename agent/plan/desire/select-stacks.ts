/** Which hosts a stack is for: all of them, named ones, or those that carry every one of the labels. */
export type HostSelector = "all" | { readonly names: readonly string[] } | { readonly labels: Readonly<Record<string, string>> };

/** Whether a selector means this host. */
export function selectsHost(selector: HostSelector, host: string, labels: Readonly<Record<string, string>>): boolean {
  if (selector === "all") return true;
  if ("names" in selector) return selector.names.includes(host);
  return Object.entries(selector.labels).every(([name, value]) => labels[name] === value);
}
