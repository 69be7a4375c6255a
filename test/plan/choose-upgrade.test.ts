import assert from "node:assert/strict";
import { test } from "node:test";
import type { UpgradeRecord } from "../../agent/model/upgrade.ts";
import {
  chooseUpgrade,
  isUpgradeAlert,
  keyOf,
  recordUpgradeFailure,
  type UpgradeRequest,
} from "../../agent/plan/choose-upgrade.ts";

const [OLD, NEW] = ["a".repeat(64), "b".repeat(64)];
const wanted = { version: "0.2.0", url: "https://git.lan/releases/v0.2.0", sha256: { "linux-x64": NEW } };
const request: UpgradeRequest = { wanted, platform: "linux-x64", running: OLD, record: undefined, nowMs: 1_000_000 };
const target = { version: "0.2.0", url: wanted.url, sha256: NEW, key: keyOf(wanted) };
const MINUTE = 60_000;

test("a release that is not asked for, or runs already, must not be fetched", () => {
  assert.deepEqual(chooseUpgrade({ ...request, wanted: undefined }), { action: "none" });
  assert.deepEqual(chooseUpgrade({ ...request, running: NEW }), { action: "none" });
});

test("the checksum must decide, since a version may be built twice", () => {
  assert.deepEqual(chooseUpgrade(request), { action: "fetch", target });
});

test("a release without a checksum for this platform must be refused, and not again", () => {
  const choice = chooseUpgrade({ ...request, platform: "linux-arm64" });
  assert.deepEqual(choice, {
    action: "refuse",
    key: target.key,
    version: "0.2.0",
    reason: "agent.sha256 has no linux-arm64: add it from SHA256SUMS of the release",
  });
  const record = recordUpgradeFailure(undefined, target, { error: "no", final: true }, 0);
  assert.deepEqual(chooseUpgrade({ ...request, platform: "linux-arm64", record }), { action: "leave" });
  // A name that every object has is no platform.
  assert.equal(chooseUpgrade({ ...request, platform: "constructor" }).action, "refuse");
});

test("what failed for good must not be tried again until the entry changes, in whatever way", () => {
  const record = recordUpgradeFailure(undefined, target, { error: "it did not get ready", final: true }, 0);
  assert.ok(isUpgradeAlert(record));
  assert.deepEqual(chooseUpgrade({ ...request, record, nowMs: Number.MAX_SAFE_INTEGER }), { action: "leave" });
  for (const entry of [
    { ...wanted, url: "https://git.lan/other" },
    { ...wanted, version: "0.2.1" },
    { ...wanted, sha256: { ...wanted.sha256, "linux-arm64": OLD } },
  ]) {
    assert.equal(chooseUpgrade({ ...request, record, wanted: entry }).action, "fetch");
  }
});

test("what could not be fetched must be tried again, later each time, and be told from the second time on", () => {
  let record: UpgradeRecord | undefined;
  const delays: number[] = [];
  for (let failures = 1; failures <= 8; failures += 1) {
    record = recordUpgradeFailure(record, target, { error: "no answer came in time", final: false }, 0);
    assert.equal(isUpgradeAlert(record), failures >= 2);
    delays.push((record.nextAtMs ?? Number.NaN) / MINUTE);
  }
  assert.deepEqual(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
  assert.deepEqual(chooseUpgrade({ ...request, record, nowMs: 59 * MINUTE }), { action: "leave" });
  assert.equal(chooseUpgrade({ ...request, record, nowMs: 60 * MINUTE }).action, "fetch");
  // Another entry begins anew.
  const other = recordUpgradeFailure(record, { key: "other", version: "0.3.0" }, { error: "x", final: false }, 0);
  assert.equal(other.failures, 1);
});

test("the order of the checksums must make no other entry", () => {
  const both = { ...wanted, sha256: { "linux-x64": NEW, "linux-arm64": OLD } };
  const turned = { ...wanted, sha256: { "linux-arm64": OLD, "linux-x64": NEW } };
  assert.equal(keyOf(both), keyOf(turned));
});
