import { constants } from "node:os";
import { posix } from "node:path";
import type { DesiredService } from "../../model/desired.ts";
import type { Pointer } from "../../model/document.ts";
import type { Finding } from "../../model/finding.ts";
import type { Stack } from "../../model/generated/stack.ts";
import type { TreeFile } from "../../model/tree.ts";
import { mounts } from "../../plan/alerts/deliveries.ts";
import type { ChangeRule } from "../../plan/on-change.ts";

type Entries = NonNullable<Stack["onChange"]>;
type MakeFinding = (pointer: Pointer, message: string, rule: string) => Finding;

export interface OnChangeRequest {
  readonly entries: Entries;
  readonly files: readonly TreeFile[];
  /** Services that are declared, whatever their profile. */
  readonly services: readonly string[];
  /** An error at a place of the stack's own document. */
  readonly at: MakeFinding;
}

/** Signals that no program can take as an order to read its files again. */
const DEADLY = ["KILL", "STOP"];

/** What `onChange` says, with its patterns resolved to files, and what is wrong with it. */
export function expandOnChange(request: OnChangeRequest): { rules: ChangeRule[]; findings: Finding[] } {
  const { entries, files } = request;
  const rules = entries.map((entry): ChangeRule => {
    const paths = new Set(entry.files.flatMap((pattern) => findMatches(pattern, files)));
    const signal = entry.signal?.replace(/^SIG/, "");
    return { service: entry.service, paths, action: entry.action, ...(signal === undefined ? {} : { signal }) };
  });
  return { rules, findings: entries.flatMap((entry, index) => checkEntry(entry, ["onChange", index], request)) };
}

/** What only the rendered model tells: patterns for files that their service does not mount. */
export function checkMounted(request: OnChangeRequest, services: readonly DesiredService[]): Finding[] {
  const { entries, files, at } = request;
  return entries.flatMap((entry, index) => {
    const service = services.find(({ name }) => name === entry.service);
    if (service === undefined) return [];
    return entry.files.flatMap((pattern, number): Finding[] => {
      const paths = findMatches(pattern, files);
      if (paths.length === 0 || paths.some((path) => mounts(service, path))) return [];
      const message = `service ${service.name} mounts no file that ${JSON.stringify(pattern)} matches; nothing is done for it`;
      return [warn(at(["onChange", index, "files", number], message, "not-mounted"))];
    });
  });
}

function checkEntry(entry: Entries[number], pointer: Pointer, { files, services, at }: OnChangeRequest): Finding[] {
  const findings = entry.files.flatMap((pattern, index) => {
    if (findMatches(pattern, files).length > 0) return [];
    return [warn(at([...pointer, "files", index], `${JSON.stringify(pattern)} matches no file of the stack`, "no-file"))];
  });
  if (!services.includes(entry.service)) {
    const known = services.length === 0 ? "the stack has none" : `services: ${services.join(", ")}`;
    findings.push(at([...pointer, "service"], `there is no service "${entry.service}" (${known})`, "unknown-service"));
  }
  return [...findings, ...checkSignal(entry, pointer, at)];
}

function checkSignal({ action, signal }: Entries[number], pointer: Pointer, at: MakeFinding): Finding[] {
  if (action !== "signal") {
    if (signal === undefined) return [];
    return [warn(at([...pointer, "signal"], `has no effect with action: ${action}; remove it`, "signal-unused"))];
  }
  if (signal === undefined)
    return [at([...pointer, "action"], "signal needs signal: with its name, such as HUP", "signal-missing")];
  const name = signal.replace(/^SIG/, "");
  if (!Object.hasOwn(constants.signals, `SIG${name}`))
    return [at([...pointer, "signal"], `${signal} is no signal; HUP, USR1 and USR2 are usual`, "unknown-signal")];
  if (!DEADLY.includes(name)) return [];
  return [at([...pointer, "signal"], `no program can take ${signal} as an order; use action: restart`, "unknown-signal")];
}

function findMatches(pattern: string, files: readonly TreeFile[]): string[] {
  const wanted = posix.normalize(pattern);
  // Most entries name a file; matching a pattern costs a regular expression each time.
  const exact = files.find(({ path }) => path === wanted);
  if (exact !== undefined || !/[*?[{!+@]/.test(wanted)) return exact === undefined ? [] : [exact.path];
  return files.map(({ path }) => path).filter((path) => posix.matchesGlob(path, wanted));
}

function warn(finding: Finding): Finding {
  return { ...finding, severity: "warning" };
}
