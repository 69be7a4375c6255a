/** What steers a terminal, begins a line, or turns the order of what is read around; joiners of letters and emoji do not. */
const CONTROL = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that others wrote as one line in which nothing is hidden: line breaks become spaces, other controls `\u202e`. */
export function showControls(text: string): string {
  return showInLines(text.replace(/(?<!\s)\s*[\r\n]+\s*/g, " "));
}

/** The same for a text that has lines and indents of its own. */
export function showInLines(text: string): string {
  return text.replace(CONTROL, (character) => (character === "\n" || character === "\t" ? character : spell(character)));
}

function spell(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}
