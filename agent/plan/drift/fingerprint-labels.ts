import type { Labels } from "../../model/webhook-payload.ts";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const SEPARATOR = 0xff;

/** The fingerprint of labels as Prometheus and Alertmanager make it: FNV-1a of 64 bits over names and values in order. */
export function fingerprintLabels(labels: Labels): string {
  const encoder = new TextEncoder();
  let hash = OFFSET;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  };
  for (const [name, value] of sortLabels(labels)) {
    for (const text of [name, value]) {
      for (const byte of encoder.encode(text)) add(byte);
      add(SEPARATOR);
    }
  }
  return hash.toString(16).padStart(16, "0");
}

/** Labels by name. */
export function sortLabels(labels: Labels): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
