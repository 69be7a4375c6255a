/** Text that is HTML already: nothing but `html` and `join` makes it. */
export interface Html {
  readonly markup: string;
}

/** What may stand in a template: text is escaped, nothing is left out for `undefined` and `false`. */
export type Content = string | number | Html | readonly Content[] | undefined | false;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A template of HTML, in which every value is text unless it was made by this. Attributes must be in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { markup: parts.reduce((text, part, index) => `${text}${write(values[index - 1])}${part}`) };
}

function write(content: Content): string {
  if (content === undefined || content === false) return "";
  if (typeof content === "string") return content.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
  if (typeof content === "number") return String(content);
  return "markup" in content ? content.markup : content.map(write).join("");
}
