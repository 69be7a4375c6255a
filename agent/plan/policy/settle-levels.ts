import type { Policy, PolicyException, PolicyLevel, PolicyRule } from "../../model/policy.ts";

/** Levels by rule; registries apart, which come with their list. */
export interface PolicyLevels {
  readonly levels: Readonly<Record<PolicyRule, PolicyLevel>>;
  readonly registries: readonly string[];
}

/** What holds where fleet.yaml says nothing of a rule. */
const DEFAULTS: Readonly<Record<PolicyRule, PolicyLevel>> = {
  "image-latest-tag": "warn",
  "image-not-pinned": "off",
  "wildcard-bind": "warn",
  privileged: "warn",
  "no-healthcheck": "warn",
  "no-limits": "warn",
  "runs-as-root": "off",
  "secret-in-plain-text": "warn",
  "allowed-registries": "off",
};

/** The fleet's levels, with the defaults where it says nothing. */
export function settleFleetLevels(policy: Policy | undefined): PolicyLevels {
  return settle(policy, (rule) => DEFAULTS[rule]);
}

/** A host's own levels: what agent.yaml does not name, it leaves to the fleet. */
export function settleHostLevels(policy: Policy | undefined): PolicyLevels {
  return settle(policy, () => "off");
}

/** The exceptions that hold on a day (`2027-01-31`): the last one included. */
export function listValid(exceptions: readonly PolicyException[], today: string): PolicyException[] {
  return exceptions.filter(({ expires }) => today <= expires);
}

function settle(policy: Policy | undefined, otherwise: (rule: PolicyRule) => PolicyLevel): PolicyLevels {
  const { "allowed-registries": allowed, ...rest } = policy ?? {};
  const levels = Object.fromEntries(
    (Object.keys(DEFAULTS) as PolicyRule[]).map((rule) => [
      rule,
      rule === "allowed-registries" ? (allowed?.level ?? otherwise(rule)) : (rest[rule] ?? otherwise(rule)),
    ]),
  ) as Record<PolicyRule, PolicyLevel>;
  return { levels, registries: allowed?.registries ?? [] };
}
