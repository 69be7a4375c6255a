import assert from "node:assert/strict";
import { test } from "node:test";
import { showControls, showInLines } from "../../agent/model/show-controls.ts";

test("what steers a terminal or hides something must be shown, and nothing else be changed", () => {
  assert.equal(showControls("a\n::error::b\r\n\tc"), "a ::error::b c");
  assert.equal(showControls("\u001b[2J\u0000\u009b1m"), "\\u001b[2J\\u0000\\u009b1m");
  assert.equal(
    showControls("a\u202eb\u2066c\u2028d\u200be\ufeff\u{e0041}"),
    "a\\u202eb\\u2066c\\u2028d\\u200be\\ufeff\\u{e0041}",
  );
  for (const text of ["zażółć, ünïcode 日本語", "👩‍🔧 می‌خواهم", "a\tb".replace("\t", " "), "\\n"])
    assert.equal(showControls(text), text);
  assert.equal(showInLines(" a\n+\tb\r\u202e\n"), " a\n+\tb\\u000d\\u202e\n");
});
