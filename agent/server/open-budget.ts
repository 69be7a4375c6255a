import { isIP } from "node:net";
import type { Clock } from "../ports.ts";

export interface BudgetLimits {
  /** How often at once. */
  readonly burst: number;
  /** And then one more after each of these, milliseconds. */
  readonly everyMs: number;
}

/** How often each address may do something. */
export interface Budget {
  /** Milliseconds until it may again; 0: now. */
  waitMs(address: string | undefined): number;
  /** Notes that it did. */
  spend(address: string | undefined): void;
}

/** Addresses that are remembered; those that were seen longest ago are forgotten. */
const MOST = 2_000;

/** Nobody has spent anything yet. */
export function openBudget({ burst, everyMs }: BudgetLimits, clock: Clock): Budget {
  // By block of addresses: when all that was spent will be earned again, milliseconds since the epoch.
  const evenAtMs = new Map<string, number>();
  const debtMs = (key: string): number => Math.max(0, (evenAtMs.get(key) ?? 0) - clock.nowMs());
  return {
    waitMs: (address) => Math.max(0, debtMs(nameBlock(address)) - (burst - 1) * everyMs),
    spend(address) {
      const key = nameBlock(address);
      const debt = Math.min(burst * everyMs, debtMs(key) + everyMs);
      evenAtMs.delete(key);
      evenAtMs.set(key, clock.nowMs() + debt);
      const [oldest] = evenAtMs.keys();
      if (evenAtMs.size > MOST && oldest !== undefined) evenAtMs.delete(oldest);
    },
  };
}

/** Who has one address of IPv6 has a whole block of them. */
function nameBlock(address = ""): string {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, "").replace(/%.*$/, "");
  if (isIP(plain) !== 6) return plain;
  const [head = "", tail = ""] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const missing = plain.includes("::") ? 8 - before.length - (tail === "" ? 0 : tail.split(":").length) : 0;
  return [...before, ...Array.from({ length: missing }, () => "0"), ...tail.split(":")].slice(0, 4).join(":");
}
