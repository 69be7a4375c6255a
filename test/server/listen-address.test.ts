import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress, isLoopback, parseListen } from "../../agent/server/listen-address.ts";

for (const [text, host, port, loopback] of [
  ["127.0.0.1:9616", "127.0.0.1", 9616, true],
  ["127.8.0.1:0", "127.8.0.1", 0, true],
  ["[::1]:9616", "::1", 9616, true],
  ["[0:0::1]:9616", "0:0::1", 9616, true],
  ["[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, true],
  ["localhost:9616", "127.0.0.1", 9616, true],
  ["LocalHost:9616", "127.0.0.1", 9616, true],
  ["0.0.0.0:9616", "0.0.0.0", 9616, false],
  ["[::]:9616", "::", 9616, false],
  [":9616", "", 9616, false],
  ["192.168.1.5:9616", "192.168.1.5", 9616, false],
  ["[::ffff:192.168.1.5]:80", "::ffff:192.168.1.5", 80, false],
  ["gpu-box.lan:9616", "gpu-box.lan", 9616, false],
  ["localhost.evil.example:9616", "localhost.evil.example", 9616, false],
  ["127.0.0.1.evil.example:9616", "127.0.0.1.evil.example", 9616, false],
] as const) {
  test(`${text} must be ${loopback ? "for this machine only" : "open to others"}`, () => {
    assert.deepEqual(parseListen(text), { host, port, loopback });
  });
}

test("an address must be written as in a URL, and what is none must be no loopback", () => {
  assert.equal(formatAddress("::1", 80), "[::1]:80");
  assert.equal(formatAddress("127.0.0.1", 80), "127.0.0.1:80");
  for (const text of ["", "localhost", "127.1", "::2", "128.0.0.1"]) assert.equal(isLoopback(text), false, text);
});
