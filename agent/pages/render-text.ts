import { type Content, html } from "./html.ts";

/** A line of the agent's own, in which what stands between backticks is to be typed: `holdfast sync`. */
export function renderText(line: string | undefined): Content {
  return line
    ?.split("`")
    .map((part, index, parts) => (index % 2 === 1 && index < parts.length - 1 ? html`<code>${part}</code>` : part));
}
