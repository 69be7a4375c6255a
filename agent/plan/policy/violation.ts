import type { Pointer } from "../../model/document.ts";
import type { PolicyRule } from "../../model/policy.ts";

/** Something that a policy has a rule about, wherever its level stands. */
export interface Violation {
  readonly rule: PolicyRule;
  readonly service: string;
  /** Where it stands in the Compose files taken together: `["services", "web", "ports"]`. */
  readonly pointer: Pointer;
  /** What an item of the list at `pointer` holds, when one of them is meant. */
  readonly holds?: string;
  /** What is wrong and what would be right, in one line. */
  readonly message: string;
}
