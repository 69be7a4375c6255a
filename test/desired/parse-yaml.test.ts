import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYaml } from "../../agent/desired/parse-yaml.ts";
import { renderFinding } from "../../agent/model/finding.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (content: string | Uint8Array, tags?: string[]) =>
  parseYaml("f.yaml", typeof content === "string" ? bytes(content) : content, tags);
const findingsOf = (content: string | Uint8Array, tags?: string[]) => parse(content, tags).findings.map(renderFinding);

/** Nine levels of ten aliases: a billion values out of a few lines. */
function bomb(): string {
  const lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 9; level++) {
    lines.push(
      `l${level}: &l${level} [${Array(10)
        .fill(`*l${level - 1}`)
        .join(", ")}]`,
    );
  }
  return lines.join("\n");
}

const BAD: [name: string, content: string | Uint8Array, ...findings: string[]][] = [
  ["an empty file", "", "f.yaml:1:1: the file is empty; write {} if nothing is to be set (empty-file)"],
  ["a file of comments", "# nothing\n", "f.yaml:1:1: the file is empty; write {} if nothing is to be set (empty-file)"],
  [
    "every syntax error",
    "a: `x`\nb: @y\n",
    "f.yaml:1:4: plain value cannot start with reserved character ` (yaml-syntax)",
    "f.yaml:2:4: plain value cannot start with reserved character @ (yaml-syntax)",
  ],
  ["a tab as indentation", "a:\n\tb: 1\n", "f.yaml:2:1: a tab is used as indentation; YAML wants spaces (yaml-syntax)"],
  [
    "a duplicate key",
    "a: 1\nb:\n  c: 1\n  c: 2\n",
    'f.yaml:4:3: the key "c" is given twice in this mapping; keep one (duplicate-key)',
  ],
  ["a second document", "a: 1\n---\nb: 2\n", "f.yaml:2:1: a second YAML document starts here; a file holds one (yaml-documents)"],
  ["a key that is a list", "? [a]\n: b\n", "f.yaml:1:3: this key is not a string; write a plain name (yaml-syntax)"],
  ["__proto__", "a:\n  __proto__: {b: 1}\n", "f.yaml:2:3: the key __proto__ is not allowed; choose another name (forbidden-key)"],
  [
    "an alias without anchor",
    "a: *b\n",
    "f.yaml:1:4: the alias *b has no anchor; put &b before the value it means, above this line (yaml-aliases)",
  ],
  [
    "an alias of itself",
    "a: &a [*a]\n",
    "f.yaml:1:8: this alias stands inside the value that it means; write the value out (yaml-aliases)",
  ],
  [
    "a merge of a list",
    "a: &a [1]\n<<: *a\n",
    "f.yaml:2:5: << merges mappings; expected an alias of a mapping such as *defaults (yaml-aliases)",
  ],
  ["a tag", "a: !!binary aGk=\n", "f.yaml:1:13: the tag !!binary is not supported; write a plain value (yaml-tag)"],
  [
    "YAML 1.1",
    "%YAML 1.1\n---\na: yes\n",
    "f.yaml:1:1: the file asks for YAML 1.1, which reads yes and no as booleans; remove the %YAML line (yaml-version)",
  ],
  [
    "bytes that are not UTF-8",
    new Uint8Array([...bytes("a: ü\nb: "), 0xff, 0x0a]),
    "f.yaml:2:4: byte 9 of the file is not UTF-8 (0xff); save it as UTF-8 (not-utf-8)",
  ],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 97, 0]), "f.yaml:1:1: the file is encoded as UTF-16; save it as UTF-8 (not-utf-8)"],
  ["NUL", "a: 1\nb\0: 2\n", "f.yaml:2:2: the control character U+0000 is in the text; remove it (control-character)"],
  ["endless nesting", "[".repeat(100_000), "f.yaml:1:1: the values are nested too deep; flatten them (yaml-too-deep)"],
];

for (const [name, content, ...expected] of BAD) {
  test(`${name} is a finding at its place`, () => assert.deepEqual(findingsOf(content), expected));
}

test("aliases that explode are refused without being expanded", () => {
  const started = performance.now();
  const [finding] = findingsOf(bomb());
  assert.match(
    finding ?? "",
    /^f\.yaml:9:\d+: aliases would make \d{10} values of the \d+ in the file; write out what is needed \(yaml-aliases\)$/,
  );
  assert.ok(performance.now() - started < 1000);
});

test("a 50 MB file is refused before it is read", () => {
  const started = performance.now();
  assert.deepEqual(findingsOf(new Uint8Array(50_000_000)), [
    "f.yaml:1:1: the file has 50000000 bytes; at most 1048576 (1 MiB) are read (file-too-large)",
  ]);
  assert.ok(performance.now() - started < 200);
});

test("a byte order mark and Windows line ends change no place", () => {
  const { document, findings } = parse("\uFEFFa: 1\r\nb:\r\n  - two\r\n");
  assert.deepEqual(findings, []);
  assert.deepEqual(document?.value, { a: 1, b: ["two"] });
  assert.deepEqual(document?.locate(["b", 0]), { line: 3, column: 5 });
});

test("scalars are read as YAML 1.2 reads them", () => {
  assert.deepEqual(parse("a: yes\nb: off\nc: 017\nd: true\ne:\n8080: 1\n").document?.value, {
    a: "yes",
    b: "off",
    c: 17,
    d: true,
    e: null,
    8080: 1,
  });
});

test("places are found through aliases and merge keys, and fall back to the nearest ancestor", () => {
  const { document } = parse("x: &x\n  image: nginx\n  list: [a, b]\ny:\n  <<: *x\n  own: 1.10\nz: *x\nempty:\n");
  assert.deepEqual(document?.value, {
    x: { image: "nginx", list: ["a", "b"] },
    y: { image: "nginx", list: ["a", "b"], own: 1.1 },
    z: { image: "nginx", list: ["a", "b"] },
    empty: null,
  });
  assert.deepEqual(document?.locate(["y", "image"]), { line: 2, column: 10 });
  assert.deepEqual(document?.locate(["z", "list", 1]), { line: 3, column: 13 });
  assert.deepEqual(document?.locate(["y", "own", "deeper", 0]), { line: 6, column: 8 });
  assert.deepEqual(document?.locate(["nothing"]), { line: 1, column: 1 });
  assert.deepEqual(document?.locate(["empty"]), { line: 8, column: 1 });
  assert.deepEqual(document?.locateKey(["y", "own"]), { line: 6, column: 3 });
  assert.equal(document?.sourceOf(["y", "own"]), "1.10");
});

test("the tags that are allowed are understood", () => {
  const { document, findings } = parse("a: !reset null\nb: !override [1]\nc: !reset\n  - d\n", ["!reset", "!override"]);
  assert.deepEqual(findings, []);
  assert.deepEqual(document?.value, { a: null, b: [1], c: null });
});
