import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { maskOutput, maskStack } from "../../../agent/plan/masking/mask-stack.ts";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQyNTUxOQAAACD=\n-----END OPENSSH PRIVATE KEY-----\n";
const ODD = 'a+b(c)*[d]$&^|\\ "q" ü%';
const of = (...secrets: string[]) => ({ secrets, environment: {} });

describe("a stack's secrets must be masked", () => {
  const ROWS: readonly (readonly [what: string, secret: string, text: string, expected: string])[] = [
    ["as they are, with every character that means something in a pattern", ODD, `x${ODD}y ${ODD}`, "x***y ***"],
    ["as JSON spells them", ODD, `{"password":${JSON.stringify(ODD)}}`, '{"password":"***"}'],
    ["in an address", ODD, `postgres://app:${encodeURIComponent(ODD)}@db/app`, "postgres://app:***@db/app"],
    ["in an address, in lower case", ODD, encodeURIComponent(ODD).replace(/%../g, (code) => code.toLowerCase()), "***"],
    ["in a form", "correct horse", "p=correct+horse&x=1", "p=***&x=1"],
    ["in base 64", "correct-horse", `Basic ${btoa("correct-horse")}`, "Basic ***"],
    ["in base 64 with a line break", "correct-horse!", btoa("correct-horse!\n"), "***K"],
    ["in base 64 of addresses", "??>>correct", Buffer.from("??>>correct").toString("base64url"), "***"],
    ["in hexadecimal digits", "correct-horse", Buffer.from("correct-horse").toString("hex"), "***"],
    ["with the line break that ends their file", "correct-horse\n", "got correct-horse: no", "got ***: no"],
    [
      "line by line, however they are indented",
      KEY,
      KEY.replace(/^/gm, "    | "),
      "    | ***\n    | ***\n    | ***\n    | ***\n    | ",
    ],
    ["as one line of JSON", KEY, JSON.stringify({ KEY }), '{"KEY":"***"}'],
  ];
  for (const [what, secret, text, expected] of ROWS)
    test(what, () => {
      assert.equal(maskStack(text, of(secret)), expected);
      assert.equal(maskStack(text, { environment: { PASSWORD: secret } }), expected);
    });

  test("but not what stands everywhere: short values, and words that say nothing", () => {
    const text = "level=info port=80 ready=true";
    assert.equal(maskStack(text, of("info", "80", "true", "", " ")), text);
  });

  test("whatever they are, and wherever they stand", () => {
    const secret = fc.string({ minLength: 4, maxLength: 40, unit: "binary" }).filter((text) => text.trim().length >= 4);
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        fc.pre(!/^(true|false|null|none|auto|info|warn|warning|debug|error|trace)$/i.test(value.trim()));
        fc.pre(!"***".includes(value) && !before.includes(value) && !after.includes(value));
        const masked = maskStack(`${before}\n${value}\n${after}`, of(value));
        assert.ok(!masked.includes(`\n${value}\n`));
      }),
    );
  });
});

describe("what a program wrote must be shown", () => {
  test("by its last lines, cut where they are too long", () => {
    const lines = Array.from({ length: 30 }, (_none, index) => `line ${index}`);
    assert.deepEqual(maskOutput(lines.join("\n"), of()), lines.slice(10));
    const [long] = maskOutput("x".repeat(1_000), of());
    assert.deepEqual([long?.length, long?.at(-1)], [300, "…"]);
  });
  test("without a secret that a cut would halve", () => {
    const secret = "correct-horse-battery-staple";
    assert.deepEqual(maskOutput(`${"x".repeat(290)}${secret}`, of(secret)), [`${"x".repeat(290)}***`]);
  });
  test("without what looks like a secret that nobody named", () => {
    assert.deepEqual(maskOutput("migrating postgres://app:hunter22@db/x\n--password=hunter22 failed", of()), [
      "migrating postgres://app:***@db/x",
      "--password=*** failed",
    ]);
    assert.deepEqual(maskOutput(`loaded\n${KEY}`, of()), ["***"]);
  });
  test("without what steers a terminal", () => {
    assert.deepEqual(maskOutput("\u001b[31mred\u001b[0m\u0007\u001b]0;title\u0007 10 %\r100 %\n\n\tend", of()), [
      "red]0;title 10 %",
      "100 %",
      "\tend",
    ]);
  });
});
