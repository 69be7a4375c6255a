import assert from "node:assert/strict";
import { test } from "node:test";
import { branchRef } from "../../agent/git/branch-ref.ts";
import { parseAdvertisement, parseLsRefs } from "../../agent/git/ls-refs.ts";
import { parseLocation } from "../../agent/git/parse-location.ts";
import { encodePktLine } from "../../agent/git/pkt-line.ts";
import { retryAtMs } from "../../agent/git/retry-at.ts";

test("addresses must be told apart", () => {
  for (const [text, kind, shown] of [
    ["https://git.lan/me/infra.git", "http", "https://git.lan/me/infra.git"],
    ["http://git.lan:3000/me/infra/?a=b#c", "http", "http://git.lan:3000/me/infra"],
    ["file:///srv/git/infra.git", "local", "file:///srv/git/infra.git"],
    ["/srv/git/infra.git", "local", "/srv/git/infra.git"],
  ] as const) {
    assert.partialDeepStrictEqual(parseLocation(text), { kind, shown });
  }
});

test("addresses that cannot be used must be refused when the agent starts", () => {
  const texts = [
    "",
    "infra",
    "./infra",
    "git@git.lan:me/infra.git",
    "ssh://git.lan/x",
    "ftp://git.lan/x",
    "file://host/x",
    "https://",
  ];
  for (const text of texts) {
    assert.throws(() => parseLocation(text), { code: "configuration-invalid", handling: "stalled" }, text);
  }
});

test("names that Git allows for branches must be taken, and no others", () => {
  for (const name of ["main", "feature/x", "release-1.2", "ünï", "a@b"]) assert.equal(branchRef(name), `refs/heads/${name}`);
  const refused = ["", "@", "..", "a..b", "../../HEAD", "/a", "a/", "a//b", "-a", ".a", "a/.b", "a.lock", "a.", "a b", "a\nb"];
  for (const name of [...refused, "a~", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{b", "refs/heads/main"]) {
    assert.throws(() => branchRef(name), { code: "configuration-invalid" }, name);
  }
});

const oid = "1".repeat(40);

function bytes(...lines: string[]): Uint8Array {
  return Buffer.from(lines.join(""));
}

test("answers about refs must be read in both versions", () => {
  const line = encodePktLine(`${oid} refs/heads/main\n`);
  assert.deepEqual(parseLsRefs(bytes(line, "0000")), { kind: "refs", refs: [{ name: "refs/heads/main", oid }] });
  assert.deepEqual(parseLsRefs(bytes("0000")), { kind: "refs", refs: [] });
  const service = `${encodePktLine("# service=git-upload-pack\n")}0000`;
  assert.deepEqual(parseAdvertisement(bytes(service, encodePktLine("version 2\n"), "0000"), ""), { kind: "version-2" });
  const first = encodePktLine(`${oid} HEAD\0multi_ack agent=x\n`);
  const peeled = encodePktLine(`${oid} refs/heads/main^{}\n`);
  const version1 = bytes(service, first, line, peeled, encodePktLine(`shallow ${oid}`), "0000");
  assert.deepEqual(parseAdvertisement(version1, "refs/heads/"), { kind: "refs", refs: [{ name: "refs/heads/main", oid }] });
  assert.deepEqual(parseLsRefs(bytes(encodePktLine("ERR no\n"))), { kind: "error", text: "no" });
});

test("answers that are broken off or something else must be called malformed", () => {
  const line = encodePktLine(`${oid} refs/heads/main\n`);
  const sha256 = encodePktLine(`${"1".repeat(64)} refs/heads/main\n`);
  for (const text of [
    "",
    line,
    line.slice(0, 20),
    "00",
    "0003",
    "zzzz",
    "<html>",
    `${encodePktLine("hello")}0000`,
    `${sha256}0000`,
  ]) {
    assert.deepEqual(parseLsRefs(bytes(text)), { kind: "malformed" }, text);
  }
});

test("a wish to be left alone must be bounded and understood in both forms", () => {
  const nowMs = Date.UTC(2026, 0, 1);
  assert.equal(retryAtMs(429, "30", nowMs), nowMs + 30_000);
  assert.equal(retryAtMs(503, new Date(nowMs + 60_000).toUTCString(), nowMs), nowMs + 60_000);
  assert.equal(retryAtMs(429, "999999", nowMs), nowMs + 3_600_000);
  for (const value of [undefined, "", "soon", "-1", new Date(nowMs - 1000).toUTCString()])
    assert.equal(retryAtMs(429, value, nowMs), 0);
  assert.equal(retryAtMs(200, "30", nowMs), 0);
});
