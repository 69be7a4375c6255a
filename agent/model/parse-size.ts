const POWERS: Readonly<Record<string, number>> = { k: 1, K: 1, M: 2, G: 3, T: 4 };

/** An amount of memory or disk such as `512MiB` (powers of 1024) or `50GB` (powers of 1000) in bytes; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kKMGT])(i?))?[bB]?$/.exec(text);
  if (match === null) return undefined;
  const [, amount, letter = "", binary = ""] = match;
  return Math.round(Number(amount) * (binary === "" ? 1000 : 1024) ** (POWERS[letter] ?? 0));
}

/** Bytes as people read them, in powers of 1024: `15.6 GiB`. */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [amount, unit] = [bytes, 0];
  while (amount >= 1023.5 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount >= 100 ? Math.round(amount) : Math.round(amount * 10) / 10} ${units[unit]}`;
}
