import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { listUnsupported, type UnsupportedKey } from "./list-unsupported.ts";
import { ROOT, readPage, readTable } from "./read-pages.ts";

const PAGE = "docs/desired-state.md";
const BETWEEN = /(<!-- unsupported: [^\n]*-->\n)(.*?)(<!-- \/unsupported -->)/s;

/** Keys that differ in their last name only share a row. */
function describeKeys(keys: readonly UnsupportedKey[]): string {
  const rows = Map.groupBy(keys, ({ file, key, values, level }) => {
    const parent = key.includes(".") ? key.slice(0, key.lastIndexOf(".")) : key;
    return [file, values.length === 0 ? key : parent, values.join("`, `"), level].join("|");
  });
  const lines = [...rows].map(([id, same]) => {
    const [file, parent, values, level] = id.split("|");
    const names = [...new Set(same.map(({ key }) => key.slice((parent ?? "").length + 1)).filter(Boolean))];
    const alone = names.length === 1 ? `\`${parent}.${names[0]}\`` : undefined;
    const key =
      alone ?? (names.length === 0 ? `\`${parent}\`` : `\`${parent}\`: ${names.map((name) => `\`${name}\``).join(", ")}`);
    const told = level === "error" ? "refused" : "accepted with a warning, has no effect";
    return `| ${file} | ${key} | ${values === "" ? "any" : `\`${values}\``} | ${told} |`;
  });
  return `\n| file | key | value | is |\n|---|---|---|---|\n${lines.join("\n").replaceAll("<host>", "NAME")}\n\n`;
}

test("the page must list exactly the keys that the schemas mark as not supported yet", () => {
  const page = readPage(PAGE);
  const wanted = describeKeys(listUnsupported());
  if (process.env["UPDATE_DOCS"] !== undefined) {
    writeFileSync(
      join(ROOT, PAGE),
      page.replace(BETWEEN, (_whole, start, _old, end) => `${start}${wanted}${end}`),
    );
    return;
  }
  assert.equal(BETWEEN.exec(page)?.[2], wanted, `run: UPDATE_DOCS=1 node --test test/docs/unsupported.test.ts`);
});

test("README.md must name as missing what the schemas mark, and nothing that works", () => {
  const rows = readTable("README.md", "## What works, and what does not yet");
  const named = new Set(rows.flatMap((row) => [...(row[2] ?? "").matchAll(/`([A-Za-z]+)`/g)].map((match) => match[1] ?? "")));
  const marked = listUnsupported().flatMap(({ key }) => key.split("."));
  for (const name of named) if (name !== "update") assert.ok(marked.includes(name) || name === "docker", `${name} is supported`);
  const stackKeys = listUnsupported().filter(({ file, key }) => file === "stack.yaml" && !key.startsWith("drift."));
  for (const { key } of stackKeys) assert.ok(named.has(key.split(".")[0] ?? ""), `README.md does not say that ${key} is missing`);
});
