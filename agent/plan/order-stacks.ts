/** Something with a name that comes after others. */
export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/** Names in an order in which every one comes after what it depends on, alphabetical otherwise; members of a cycle come last. */
export function orderByDependency(items: readonly Dependent[]): string[] {
  const names = new Set(items.map((item) => item.name));
  const left = new Map(items.map((item) => [item.name, item.dependsOn.filter((name) => names.has(name) && name !== item.name)]));
  const ordered: string[] = [];
  while (left.size > 0) {
    const ready = [...left.keys()].filter((name) => (left.get(name) ?? []).every((dependency) => !left.has(dependency))).sort();
    // A cycle was refused at validation; whatever slipped through is converged all the same, in a stable order.
    const next = ready.length > 0 ? ready : [...left.keys()].sort();
    for (const name of next) left.delete(name);
    ordered.push(...next);
  }
  return ordered;
}

/** The members of a dependency cycle in its order, `[a, b, a]`; undefined when there is none. */
export function findCycle(items: readonly Dependent[]): string[] | undefined {
  const dependencies = new Map(items.map((item) => [item.name, item.dependsOn]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const dependency of dependencies.get(name) ?? []) {
      const cycle = visit(dependency, [...trail, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of items) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}
