/** Shorter values are words that stand everywhere; masking them would hide nothing and make the rest unreadable. */
const SHORTEST = 4;

/** A text with every one of the values replaced by `***`, longer ones first so that one inside another leaves no ends. */
export function maskValues(text: string, values: readonly string[]): string {
  const ordered = values.filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length);
  return ordered.reduce((masked, value) => masked.replaceAll(value, "***"), text);
}
