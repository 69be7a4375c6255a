/** Values that stay on the host, by the name of the variable that stands for each in the Compose file. */
export interface HostValues {
  /** Keeps a value of a service and returns its variable: the name itself, unless another service has another value by it. */
  add(service: string, name: string, value: string): string;
  /** Keeps a variable that Compose files use already. */
  define(name: string, value: string): void;
  all(): Readonly<Record<string, string>>;
}

/** Values of one project, none yet. */
export function createHostValues(): HostValues {
  const values = new Map<string, string>();
  return {
    add(service, name, value) {
      const safe = name.replace(/\W/g, "_").replace(/^(?=\d|(COMPOSE|DOCKER|HOLDFAST)_)/, "_");
      const candidates = [safe, `${service.toUpperCase().replace(/\W/g, "_")}_${safe}`.replace(/^(?=\d)/, "_")];
      const free = candidates.find((one) => !values.has(one) || values.get(one) === value) ?? `${candidates[1]}_${values.size}`;
      values.set(free, value);
      return free;
    },
    define: (name, value) => void values.set(name, value),
    all: () => Object.fromEntries([...values].sort(([a], [b]) => a.localeCompare(b))),
  };
}
