/** One use of a variable in a text of a Compose file. */
export interface VariableUse {
  /** Where it begins in the text. */
  readonly at: number;
  readonly name: string;
  /** As it stands in the text: `${NAME:-default}`. */
  readonly text: string;
  /** `${NAME}`, `${NAME:-word}`, `${NAME:?word}` or `${NAME:+word}`; a colon means that an empty value counts as none. */
  readonly kind: "plain" | "default" | "required" | "alternative";
  /** What stands after the operator. */
  readonly word: string;
  /** The uses inside `word`, which only matter when it is taken. */
  readonly inner: FoundVariables;
}

export interface FoundVariables {
  readonly uses: readonly VariableUse[];
  /** What begins like a use and is none, `${A B}`: Compose refuses it. */
  readonly invalid: readonly string[];
}

/** Finds variables by Compose's grammar; a lone `$` before anything else is text, and `$$` is a dollar sign. */
export function findVariables(text: string): FoundVariables {
  const uses: VariableUse[] = [];
  const invalid: string[] = [];
  let at = text.indexOf("$");
  while (at >= 0) {
    const { length, use, refused } = readUse(text.slice(at));
    if (use) uses.push({ at, ...use });
    if (refused) invalid.push(refused);
    at = text.indexOf("$", at + length);
  }
  return { uses, invalid };
}

function readUse(text: string): { length: number; use?: Omit<VariableUse, "at">; refused?: string } {
  if (text[1] === "$") return { length: 2 };
  const named = /^\$([_a-z][_a-z0-9]*)/i.exec(text);
  if (named?.[1]) {
    const [whole, name] = named;
    return { length: whole.length, use: { name, text: whole, kind: "plain", word: "", inner: { uses: [], invalid: [] } } };
  }
  if (text[1] !== "{") return { length: 1 };
  const end = findClosingBrace(text);
  const whole = end < 0 ? text : text.slice(0, end + 1);
  const braced = /^([_a-z][_a-z0-9]*)(?::?([-?+])([\s\S]*))?$/i.exec(end < 0 ? "" : text.slice(2, end));
  if (!braced?.[1]) return { length: whole.length, refused: whole };
  const [, name, operator, word = ""] = braced;
  const kind = operator === "-" ? "default" : operator === "?" ? "required" : operator === "+" ? "alternative" : "plain";
  return { length: whole.length, use: { name, text: whole, kind, word, inner: findVariables(word) } };
}

// Only the braces of inner variables nest: `${A:-a}b}` ends at the first.
function findClosingBrace(text: string): number {
  let open = 0;
  for (let index = 0; index < text.length; index++) {
    if (text.startsWith("${", index)) {
      open++;
      index++;
    } else if (text[index] === "}" && --open === 0) return index;
  }
  return -1;
}
