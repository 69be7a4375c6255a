import type { Finding } from "../../model/finding.ts";
import type { PolicyException, PolicyLevel, PolicyRule } from "../../model/policy.ts";
import type { PolicyLevels } from "./settle-levels.ts";

/** A violation at its place in the repository. */
export interface PlacedViolation {
  readonly rule: PolicyRule;
  /** Absent for what no service alone is to blame for. */
  readonly service?: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface JudgeRequest {
  readonly stack: string;
  readonly fleet: PolicyLevels;
  readonly host: PolicyLevels;
  readonly exceptions: readonly PolicyException[];
  /** `2027-01-31`, in UTC. */
  readonly today: string;
}

const ORDER: readonly PolicyLevel[] = ["off", "warn", "enforce"];

/** What policies make of a stack's violations: the stricter of fleet and host decides; exceptions hold against the fleet's only. */
export function judgeViolations(violations: readonly PlacedViolation[], request: JudgeRequest): Finding[] {
  return violations.flatMap((violation): Finding[] => {
    const { rule, path, line, column } = violation;
    const exceptions = request.exceptions.filter((exception) => covers(exception, violation));
    const isExcepted = exceptions.some(({ expires }) => request.today <= expires);
    const [fleet, host] = [isExcepted ? "off" : request.fleet.levels[rule], request.host.levels[rule]];
    const level = ORDER.indexOf(host) > ORDER.indexOf(fleet) ? host : fleet;
    if (level === "off") return [];
    const severity = level === "enforce" ? "error" : "warning";
    const message = `${violation.message}${explain(exceptions, isExcepted)}`;
    return [{ path, line, column, message, rule, severity, stack: request.stack }];
  });
}

function covers({ rule, service }: PolicyException, violation: PlacedViolation): boolean {
  return rule === violation.rule && (service === undefined || service === violation.service);
}

function explain(exceptions: readonly PolicyException[], isExcepted: boolean): string {
  const [last] = exceptions.toSorted((a, b) => (a.expires < b.expires ? 1 : -1));
  if (last === undefined) return "";
  return isExcepted
    ? "; the host's own policy forbids it, whatever stack.yaml excepts"
    : `; its exception ended on ${last.expires}: put it right, or move the end`;
}
