import type { ParsedDocument, Pointer } from "../../model/document.ts";
import type { Finding } from "../../model/finding.ts";
import type { Host } from "../../model/generated/host.ts";
import type { Stack } from "../../model/generated/stack.ts";
import { findCycle } from "../order-stacks.ts";
import { selectsHost } from "./select-stacks.ts";

export interface References {
  readonly hosts: ReadonlyMap<string, ParsedDocument<Host>>;
  readonly stacks: ReadonlyMap<string, ParsedDocument<Stack>>;
  /** Hosts and stacks whose own file is broken: naming them is not the mistake of who names them. */
  readonly broken: ReadonlySet<string>;
}

/** Checks that stacks name hosts and stacks that exist, and that no stack waits for itself. */
export function checkReferences(references: References): Finding[] {
  return [...references.stacks].flatMap(([name, document]) => [
    ...checkHosts(name, document, references),
    ...checkDependencies(name, document, references),
    ...checkCycle(name, document, references),
  ]);
}

/** Names of the hosts that a stack is for. */
export function hostsOf(document: ParsedDocument<Stack>, hosts: ReadonlyMap<string, ParsedDocument<Host>>): string[] {
  return [...hosts]
    .filter(([name, host]) => selectsHost(document.value.hosts, name, host.value.labels ?? {}))
    .map(([name]) => name);
}

function checkHosts(stack: string, document: ParsedDocument<Stack>, { hosts, broken }: References): Finding[] {
  const selector = document.value.hosts;
  if (selector === "all") return [];
  if ("names" in selector) {
    return selector.names.flatMap((name, index) => {
      if (hosts.has(name) || broken.has(name)) return [];
      return [
        find(
          stack,
          document,
          ["hosts", "names", index],
          `there is no host "${name}" (${list("hosts", [...hosts.keys()])})`,
          "unknown-host",
        ),
      ];
    });
  }
  if (hostsOf(document, hosts).length > 0 || broken.size > 0) return [];
  const labels = Object.entries(selector.labels).map(([name, value]) => `${name}: ${value}`);
  return [
    {
      ...find(stack, document, ["hosts", "labels"], `no host carries ${labels.join(", ")}; the stack runs nowhere`, "no-host"),
      severity: "warning",
    },
  ];
}

function checkDependencies(stack: string, document: ParsedDocument<Stack>, { hosts, stacks, broken }: References): Finding[] {
  return (document.value.dependsOn ?? []).flatMap((name, index) => {
    const other = stacks.get(name);
    const at: Pointer = ["dependsOn", index];
    if (other === undefined) {
      return broken.has(name)
        ? []
        : [find(stack, document, at, `there is no stack "${name}" (${list("stacks", [...stacks.keys()])})`, "unknown-stack")];
    }
    const there = new Set(hostsOf(other, hosts));
    const missing = hostsOf(document, hosts).filter((host) => !there.has(host));
    if (missing.length === 0) return [];
    return [
      find(
        stack,
        document,
        at,
        `stack "${name}" does not run on ${missing.join(", ")}, where ${stack} does`,
        "dependency-elsewhere",
      ),
    ];
  });
}

function checkCycle(stack: string, document: ParsedDocument<Stack>, { stacks }: References): Finding[] {
  const dependents = [...stacks].map(([name, other]) => ({ name, dependsOn: other.value.dependsOn ?? [] }));
  const own = dependents.filter((item) => item.name === stack);
  const cycle = findCycle([...own, ...dependents.filter((item) => item.name !== stack)]);
  if (cycle === undefined || !cycle.includes(stack)) return [];
  return [
    find(stack, document, ["dependsOn"], `stacks depend on each other in a circle: ${cycle.join(" -> ")}`, "dependency-cycle"),
  ];
}

function find(stack: string, document: ParsedDocument<Stack>, pointer: Pointer, message: string, rule: string): Finding {
  return { path: document.path, ...document.locate(pointer), message, rule, severity: "error", stack };
}

function list(what: string, names: readonly string[]): string {
  return names.length === 0 ? `there are no ${what}` : `${what}: ${[...names].sort().join(", ")}`;
}
