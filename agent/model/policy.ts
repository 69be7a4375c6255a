import type { Policy } from "./generated/fleet.ts";
import type { PolicyException } from "./generated/stack.ts";

/** What is done about a violation: nothing, a warning, or the stack is not converged. */
export type PolicyLevel = "off" | "warn" | "enforce";
export type PolicyRule = keyof Policy;
export type { Policy, PolicyException };
