/** Those published ports (`10.0.0.1:80/tcp (web)`) that no service of `others` publishes: one that changes hands stays open. */
export function subtractPorts(ports: readonly string[], others: readonly string[]): string[] {
  const open = new Set(others.map(nameAddress));
  return ports.filter((port) => !open.has(nameAddress(port)));
}

function nameAddress(port: string): string {
  return port.replace(/ \([^)]*\)$/, "");
}
