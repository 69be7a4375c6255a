import { type Document, isScalar, visit } from "yaml";
import { findPlainSecrets, isPlainPassword } from "../../plan/policy/find-plain-secrets.ts";
import type { HostValues } from "./host-values.ts";

/** Whether a value must not be committed: a password by its name, a token, or an address with a password in it. */
export function isSecretValue(name: string, value: string): boolean {
  return isPlainPassword(name, value) || findPlainSecrets(value, false).length > 0;
}

/** A value as it is where it runs; undefined when that depends on variables. */
export function readLiteral(value: string): string | undefined {
  const literal = value.replaceAll("$$", "\0");
  return literal.includes("$") ? undefined : literal.replaceAll("\0", "$");
}

/**
 * Puts variables for the secrets that are left in a document once those of its services are moved: at anchors that services share,
 * under labels, on command lines. `moved`: variables by the value that they stand for.
 */
export function moveSecrets(document: Document, values: HostValues, moved: ReadonlyMap<string, string>): void {
  const known = new Map(moved);
  const move = (name: string, value: string): void => {
    const literal = readLiteral(value);
    if (literal !== undefined && !known.has(value) && isSecretValue(name, value))
      known.set(value, values.add("shared", name, literal));
  };
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && isScalar(value) && typeof value.value === "string") move(String(key.value), value.value);
    },
    Scalar(at, { value }) {
      const [, name, text] = (at !== "key" && typeof value === "string" && /^([\w.-]+)=([\s\S]+)$/.exec(value)) || [];
      if (name !== undefined && text !== undefined) move(name.replace(/^-+/, ""), text);
    },
  });
  const longestFirst = [...known]
    .sort(([a], [b]) => b.length - a.length)
    .map(([value, variable]) => [findWhole(value), variable] as const);
  visit(document, {
    Scalar(at, node) {
      if (at === "key" || typeof node.value !== "string") return;
      for (const [pattern, variable] of longestFirst) node.value = String(node.value).replace(pattern, () => `\${${variable}}`);
    },
  });
}

/** A value where it is not a part of a word or path: a bad password may be one. */
function findWhole(value: string): RegExp {
  return new RegExp(`(?<![\\w/.-])${value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w/.-])`, "g");
}

/** What looks like a secret in a text all the same, comments included, each in a line of words. */
export function listLeftSecrets(text: string): string[] {
  const uncommented = text.replace(/^(\s*)#+[ \t]?/gm, "$1");
  return findPlainSecrets(uncommented, true).map(
    ({ line, what }) => `line ${line} of the Compose file still holds ${what}: take it out before you commit`,
  );
}
