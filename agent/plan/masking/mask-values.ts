/** A text with every one of the values replaced by `***`, longer ones first so that one inside another leaves no ends. */
export function maskValues(text: string, values: readonly string[]): string {
  const ordered = values.filter((value) => value !== "").sort((a, b) => b.length - a.length);
  return ordered.reduce((masked, value) => masked.replaceAll(value, "***"), text);
}
