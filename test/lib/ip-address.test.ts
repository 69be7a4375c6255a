import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalAddress, isLoopback, isWildcard, splitHostPort } from "../../agent/lib/ip-address.ts";

const ADDRESSES: readonly (readonly [string, string | undefined])[] = [
  ["10.0.0.1", "10.0.0.1"],
  ["0.0.0.0", "0.0.0.0"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["FE80::1%eth0", "fe80::1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["::", "::"],
  ["10.0.0.256", undefined],
  ["10.0.1", undefined],
  ["010.0.0.1", undefined],
  ["lan", undefined],
  ["", undefined],
  ["::1]/x[", undefined],
  ["1::2::3", undefined],
];

describe("an address", () => {
  for (const [text, expected] of ADDRESSES)
    test(`${JSON.stringify(text)} must be ${expected ?? "none"}`, () => assert.equal(canonicalAddress(text), expected));

  test("must be told from those that stand for all, and from the machine's own", () => {
    assert.deepEqual(["0.0.0.0", "::", "127.0.0.1"].map(isWildcard), [true, true, false]);
    assert.deepEqual(["127.0.0.53", "::1", "10.0.0.1"].map(isLoopback), [true, true, false]);
  });
});

const PAIRS: readonly (readonly [string, number | undefined, readonly [string, number] | undefined])[] = [
  ["lan:80", undefined, ["lan", 80]],
  ["10.0.0.1:443", undefined, ["10.0.0.1", 443]],
  ["[::1]:53", undefined, ["::1", 53]],
  ["10.0.0.1", 53, ["10.0.0.1", 53]],
  ["::1", 53, ["::1", 53]],
  ["lan", 53, ["lan", 53]],
  ["lan", undefined, undefined],
  ["::1:53", undefined, undefined],
  ["[lan]:53", undefined, undefined],
  ["[10.0.0.1]:53", undefined, undefined],
  ["lan:0", undefined, undefined],
  ["lan:65536", undefined, undefined],
  ["http://lan:80", undefined, undefined],
  [":80", undefined, undefined],
  ["", 53, undefined],
];

describe("a host with its port", () => {
  for (const [text, defaultPort, expected] of PAIRS)
    test(`${JSON.stringify(text)} must be ${expected?.join(" and ") ?? "none"}`, () => {
      const found = splitHostPort(text, defaultPort);
      assert.deepEqual(found === undefined ? undefined : [found.host, found.port], expected);
    });
});
