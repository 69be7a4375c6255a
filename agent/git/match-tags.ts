/** Tells whether a short name (`v1.2.3`) fits a pattern, in which `*` stands for any characters and `?` for one. */
export function matchTags(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (character) =>
    character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
  );
  const regexp = new RegExp(`^${source}$`, "su");
  return (name) => regexp.test(name);
}
