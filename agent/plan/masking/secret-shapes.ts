/** Names of values that are likely to be secret: whatever they hold is not shown. */
const HIDDEN_NAME =
  /pass(?!ive|ed|es|thr)|pwd|secret|token|credential|(^|[_.-])auth|(api|access|private|signing|encryption|_|-)key|^key$|salt|dsn|cookie|webhook/i;

/** Names whose value is a password by what the last word says; `TOKEN_TTL` and `PASSWORD_FILE` are none. */
const PASSWORD_NAME =
  /(^|[_.-])(pass|passwd|password|passphrase|pwd|secret|token|credentials?|(secret|api|access|private|auth|signing|encryption)[_.-]?key)$/i;

/** What tokens of well-known services look like; they are secret wherever they stand. */
const TOKENS: readonly { readonly what: string; readonly pattern: string }[] = [
  { what: "a private key", pattern: "-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----" },
  { what: "an age secret key", pattern: "AGE-SECRET-KEY-1[0-9A-Z]{50,}" },
  { what: "a GitHub token", pattern: "gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,}" },
  { what: "a GitLab token", pattern: "gl(?:pat|dt|rt|ft|ptt)-[A-Za-z0-9_-]{20,}" },
  { what: "an AWS access key", pattern: "(?:AKIA|ASIA)[0-9A-Z]{16}" },
  { what: "a Google API key", pattern: "AIza[0-9A-Za-z_-]{35}" },
  { what: "a Slack token", pattern: "xox[abprs]-[0-9A-Za-z-]{20,}" },
  { what: "an OpenAI or Anthropic key", pattern: "sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}" },
  { what: "a Stripe key", pattern: "[sr]k_live_[0-9A-Za-z]{20,}" },
  { what: "a Docker Hub token", pattern: "dckr_pat_[A-Za-z0-9_-]{20,}" },
  { what: "an npm token", pattern: "npm_[A-Za-z0-9]{36}" },
  { what: "a Tailscale key", pattern: "tskey-[a-z]+-[A-Za-z0-9-]{16,}" },
  { what: "a JSON web token", pattern: "eyJ[A-Za-z0-9_-]{15,}\\.eyJ[A-Za-z0-9_-]{15,}\\.[A-Za-z0-9_-]{10,}" },
];
const TOKEN = new RegExp(`(?<![A-Za-z0-9])(?:${TOKENS.map(({ pattern }) => pattern).join("|")})`);
// Each looks behind itself so that it begins once in a long word, and not at every letter of it: a container writes what is read here.
const URL_PASSWORD = /((?<![a-z0-9+.-])[a-z0-9+.-]+:\/\/[^\s/@:]*:)([^\s/@]+)(@)/gi;
const OPTION =
  /((?<![\w-])--?[\w-]*(?:password|passwd|passphrase|secret|token|credential|(?:api|access|private)-?key)[\w-]*(?:=|\s+))("[^"]*"|'[^']*'|\S+)/gi;
const ASSIGNMENT =
  /((?<![\w.-])[\w.-]*(?:password|passwd|passphrase|secret|token|credential|(?:api|access|private)[_-]?key)[\w.-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi;

/** Whether a value of this name is not shown to anybody. */
export function isHiddenName(name: string): boolean {
  return HIDDEN_NAME.test(name) && !/_FILE$/i.test(name);
}

/** Whether a name says that its value is a password, token or key itself. */
export function isPasswordName(name: string): boolean {
  return PASSWORD_NAME.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2"));
}

/** A token of a well-known service in a text: what it is, and where; undefined when there is none. */
export function findToken(text: string): { readonly what: string; readonly index: number } | undefined {
  const found = TOKEN.exec(text);
  if (found === null) return undefined;
  const kind = TOKENS.find(({ pattern }) => new RegExp(`^(?:${pattern})`).test(found[0]));
  return { what: kind?.what ?? "a token", index: found.index };
}

/** Where a password stands in an address (`scheme://user:password@host`); -1 when none does. */
export function findUrlPassword(text: string): number {
  for (const { index, 1: before = "", 2: password = "" } of text.matchAll(URL_PASSWORD))
    if (!isPlaceholder(password)) return index + before.length;
  return -1;
}

/** Whether something stands for a value, and is none: a variable, `<password>`, `***`. */
export function isPlaceholder(value: string): boolean {
  return /\$\{|^\$\$?\w|^<.*>$|^\{\{|^\*+$|^x+$|^ENC\[/i.test(value);
}

/** Bits of information per character, as the frequencies of its characters tell. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...text].length;
  return [...counts.values()].reduce((sum, count) => sum - (count / length) * Math.log2(count / length), 0);
}

/** A text without its tokens, passwords in addresses and options such as `--password=…`. */
export function hideSecrets(text: string): string {
  // A key goes on for lines, of which none may be shown.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return "***";
  return text
    .replace(new RegExp(TOKEN.source, "g"), "***")
    .replace(URL_PASSWORD, "$1***$3")
    .replace(OPTION, "$1***")
    .replace(ASSIGNMENT, "$1***");
}
