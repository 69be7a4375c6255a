import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEdit } from "../../agent/desired/describe-edit.ts";

const lines = (count: number, word = "line"): string =>
  Array.from({ length: count }, (_, index) => `${word} ${index}\n`).join("");
const diff = (placed: string | Uint8Array, found: string | Uint8Array, mask = (text: string) => text) =>
  describeEdit("a.conf", Buffer.from(placed), Buffer.from(found), mask);

test("a change is told with what is around it", async () => {
  assert.equal(
    await diff(lines(9), lines(9).replace("line 4", "LINE 4")),
    "--- a.conf as placed\n+++ a.conf as found\n@@ -3,5 +3,5 @@\n line 2\n line 3\n-line 4\n+LINE 4\n line 5\n line 6",
  );
});

test("no more than 40 lines are told, and how many more there are", async () => {
  const told = (await diff(lines(10), lines(500))).split("\n");
  assert.equal(told.length, 40);
  assert.equal(told.at(-1), "… and 456 more lines");
  assert.equal((await diff("", lines(37))).split("\n").length, 40);
});

test("a change of everything ends soon, and is told by its sizes", async () => {
  const [before, after] = [lines(5_000, "before"), lines(5_000, "after")];
  assert.equal(await diff(before, after), `${before.length} bytes were placed, ${after.length} bytes are found`);
});

test("long lines are cut, and control characters do nothing on a terminal", async () => {
  const told = await diff("x\n", `\u001b[31mred\u0007\r\n${"y".repeat(1_000)}\n`);
  assert.doesNotMatch(told, /[\u0000-\u0009\u000b-\u001f]/);
  assert.ok(told.split("\n").every((line) => line.length <= 200));
});

test("what is no text, or large, is told by its sizes", async () => {
  assert.equal(await diff("x", Buffer.from([0, 1, 2])), "1 bytes were placed, 3 bytes are found");
  assert.equal(await diff(Buffer.from([0xff, 0xfe]), "x"), "2 bytes were placed, 1 bytes are found");
  assert.equal(await diff("x", "y".repeat(65_537)), "1 bytes were placed, 65537 bytes are found");
});

test("both sides are masked before they are compared", async () => {
  const mask = (text: string): string => text.replaceAll(/secret\d/g, "***");
  assert.equal(
    await diff("a\nsecret1\n", "a\nsecret2\n", mask),
    "10 bytes were placed, 10 bytes are found; what differs is masked",
  );
  assert.doesNotMatch(await diff("a\nsecret1\n", "b\nsecret2\n", mask), /secret/);
});
