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
  // What is not seen any more: how much was spent, and when that was counted.
  const spent = new Map<string, { readonly count: number; readonly atMs: number }>();
  const countOf = (key: string): number => {
    const known = spent.get(key);
    return known === undefined ? 0 : Math.max(0, known.count - (clock.nowMs() - known.atMs) / everyMs);
  };
  return {
    waitMs: (address) => Math.max(0, Math.ceil((countOf(nameBlock(address)) + 1 - burst) * everyMs)),
    spend(address) {
      const key = nameBlock(address);
      const count = Math.min(burst, countOf(key) + 1);
      spent.delete(key);
      spent.set(key, { count, atMs: clock.nowMs() });
      const [oldest] = spent.keys();
      if (spent.size > MOST && oldest !== undefined) spent.delete(oldest);
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
