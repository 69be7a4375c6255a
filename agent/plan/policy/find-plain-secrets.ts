import { entropyOf, findToken, findUrlPassword, isPasswordName, isPlaceholder } from "../masking/secret-shapes.ts";

/** A password-like value in a committed text. The value itself is told to nobody. */
export interface PlainSecret {
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** What it looks like: `the value of DB_PASSWORD`, `a GitHub token`. */
  readonly what: string;
}

const SHORTEST = 8;
/** Bits per character below which a value is a word, or the same letter over and over. */
const LEAST_ENTROPY = 2.5;
/** `NAME: value`, `- NAME=value`, `"NAME": "value",`, `NAME = value`. */
const SETTING = /^(\s*(?:-\s+)?["']?(?:export\s+)?)([A-Za-z_][\w.-]*)(["']?\s*[:=]\s*)(.*)$/;

/**
 * Password-like values of a text: tokens of known shapes and passwords in addresses anywhere, and where it holds settings
 * also what stands under a password's name. What SOPS has encrypted is none.
 */
export function findPlainSecrets(text: string, holdsSettings: boolean): PlainSecret[] {
  if (isEncrypted(text)) return [];
  return text.split(/\r?\n/).flatMap((line, index): PlainSecret[] => {
    const found = findInLine(line, holdsSettings);
    return found === undefined ? [] : [{ line: index + 1, ...found }];
  });
}

/** Whether a value under a name is a password, and not a variable, a path or a number. */
export function isPlainPassword(name: string, value: string): boolean {
  if (!isPasswordName(name) || value.length < SHORTEST || isPlaceholder(value) || /\s/.test(value)) return false;
  if (/^(true|false|[\d.]+[a-z]*|\/[\w./-]+|\.{1,2}\/.*|[a-z]+:\/\/.*)$/i.test(value)) return false;
  return entropyOf(value) >= LEAST_ENTROPY;
}

function findInLine(line: string, holdsSettings: boolean): Omit<PlainSecret, "line"> | undefined {
  const token = findToken(line);
  if (token !== undefined) return { column: token.index + 1, what: token.what };
  const password = findUrlPassword(line);
  if (password >= 0) return { column: password + 1, what: "a password in an address" };
  if (!holdsSettings || /^\s*#/.test(line)) return undefined;
  const [, before = "", name = "", sign = "", rest = ""] = SETTING.exec(line) ?? [];
  const value = readValue(rest);
  if (!isPlainPassword(name, value)) return undefined;
  return { column: before.length + name.length + sign.length + 1, what: `the value of ${name}` };
}

function readValue(rest: string): string {
  const quoted = /^(["'])(.*?)\1/.exec(rest);
  return quoted?.[2] ?? rest.replace(/\s+#.*$/, "").replace(/["',\s}\]]+$/, "");
}

function isEncrypted(text: string): boolean {
  return /ENC\[AES256_GCM,/.test(text) && /^\s*"?sops["_:]/m.test(text);
}
