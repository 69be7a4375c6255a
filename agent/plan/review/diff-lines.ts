const CONTEXT = 3;
/** Beyond this many comparisons a diff is not looked for: everything is shown as replaced. */
const MOST_COMPARISONS = 4_000_000;

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** A unified diff of two texts by lines, each hunk under the nearest entry that it stands below; "" when they are equal. */
export function diffLines(before: readonly string[], after: readonly string[]): string {
  const edits = compareLines(before, after);
  const isNear = edits.map((_, index) => edits.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(isChange));
  const lines: string[] = [];
  let trail: string[] = [];
  let heading: number | undefined;
  edits.forEach(({ sign, text }, index) => {
    if (isNear[index]) {
      if (!isNear[index - 1]) {
        heading = lines.length;
        lines.push("");
      }
      // What a reader looks for is where the first difference stands, not where the lines before it do.
      if (heading !== undefined && isChange({ sign, text })) {
        lines[heading] = `@@ ${trail.join(" ") || "start"} @@`;
        heading = undefined;
      }
      lines.push(`${sign}${text}`);
    }
    const entry = /^( {0,2})(\S[^:]*):$/.exec(text);
    if (entry) trail = [...trail.slice(0, (entry[1]?.length ?? 0) / 2), entry[2] ?? ""];
  });
  return lines.join("\n");
}

function isChange({ sign }: Edit): boolean {
  return sign !== " ";
}

function compareLines(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const [old, now] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const same = (text: string): Edit => ({ sign: " ", text });
  return [...before.slice(0, start).map(same), ...compareMiddle(old, now), ...before.slice(before.length - end).map(same)];
}

/** By the longest common subsequence. */
function compareMiddle(old: readonly string[], now: readonly string[]): Edit[] {
  const removed = (text: string): Edit => ({ sign: "-", text });
  const added = (text: string): Edit => ({ sign: "+", text });
  if (old.length * now.length > MOST_COMPARISONS) return [...old.map(removed), ...now.map(added)];
  const width = now.length + 1;
  const longest = new Uint16Array((old.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      longest[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      edits.push({ sign: " ", text: old[i] ?? "" });
      i += 1;
      j += 1;
    } else if (i < old.length && (j >= now.length || at(i + 1, j) >= at(i, j + 1))) edits.push(removed(old[i++] ?? ""));
    else edits.push(added(now[j++] ?? ""));
  }
  return edits;
}
