/** A text as inline code, whatever is in it. Nobody is mentioned by what stands in code. */
export function code(text: string): string {
  const line = text.replace(/(?<!\s)\s*[\r\n]+\s*/g, " ");
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line.trim() === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A text as plain words: nothing in it is markup, a link, or somebody's name. */
export function words(text: string): string {
  return text
    .replace(/(?<!\s)\s*[\r\n]+\s*/g, " ")
    .replaceAll("->", "→")
    .replace(/[\\`*_{}[\]<>#|~&!]/g, "\\$&")
    .replaceAll("@", "@&#8203;")
    .replace(/:\/\//g, ":&#8203;//")
    .replace(/www\./gi, (text) => `${text.slice(0, -1)}&#8203;.`);
}

/** A text inside HTML. */
export function html(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@&#8203;" };
  return text.replace(/(?<!\s)\s*[\r\n]+\s*/g, " ").replace(/[&<>@]/g, (character) => entities[character] ?? character);
}

/** Lines in a fence that none of them can end. */
export function fenced(language: string, text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, text, fence];
}
