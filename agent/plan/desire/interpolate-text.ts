import { findVariables, type VariableUse } from "../../lib/find-variables.ts";
import type { Variables } from "../../model/desired.ts";

export type Interpolated = { readonly text: string } | { readonly problem: string };

/** A text with its variables filled in by Compose's grammar (`${NAME:-default}`, `$$` for a dollar sign), or why that cannot be. */
export function interpolateText(text: string, variables: Variables): Interpolated {
  const { uses, invalid } = findVariables(text);
  const [refused] = invalid;
  if (refused !== undefined)
    return { problem: `${refused} is not a variable; write \${NAME}, \${NAME:-default} or, for a dollar sign, $$` };
  let [result, end] = ["", 0];
  for (const use of uses) {
    const value = readUse(use, variables);
    if ("problem" in value) return value;
    result += text.slice(end, use.at).replaceAll("$$", "$") + value.text;
    end = use.at + use.text.length;
  }
  return { text: result + text.slice(end).replaceAll("$$", "$") };
}

/** Whether a text names a variable that has no value. */
export function usesUnknown(text: string, variables: Variables): boolean {
  return findVariables(text).uses.some(({ name }) => !Object.hasOwn(variables, name));
}

function readUse({ name, text, kind, word }: VariableUse, variables: Variables): Interpolated {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const countsEmpty = text.startsWith(`\${${name}:`);
  const given = value !== undefined && !(countsEmpty && value === "");
  if (kind === "alternative") return given ? interpolateText(word, variables) : { text: "" };
  if (given) return { text: value };
  if (kind === "default") return interpolateText(word, variables);
  const said = kind === "required" && word !== "" ? ` (${word})` : "";
  return { problem: `${text} has no value${said}; define ${name} under vars` };
}
