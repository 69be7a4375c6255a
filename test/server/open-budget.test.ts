import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openBudget } from "../../agent/server/open-budget.ts";
import { createFakeClock } from "../reconcile/fake-clock.ts";

describe("how often an address may do something", () => {
  const open = () => {
    const clock = createFakeClock();
    return { clock, budget: openBudget({ burst: 3, everyMs: 1_000 }, clock) };
  };

  it("must be the burst at once, then one more after each pause, and the burst again after a rest", () => {
    const { clock, budget } = open();
    for (let round = 0; round < 3; round += 1) {
      assert.equal(budget.waitMs("10.0.0.1"), 0);
      budget.spend("10.0.0.1");
    }
    assert.equal(budget.waitMs("10.0.0.1"), 1_000);
    assert.equal(budget.waitMs("10.0.0.2"), 0, "others are not concerned");
    clock.advance(400);
    assert.equal(budget.waitMs("10.0.0.1"), 600);
    clock.advance(600);
    budget.spend("10.0.0.1");
    assert.equal(budget.waitMs("10.0.0.1"), 1_000);
    clock.advance(60_000);
    for (let round = 0; round < 3; round += 1) budget.spend("10.0.0.1");
    assert.equal(budget.waitMs("10.0.0.1"), 1_000);
  });

  for (const [one, other, same] of [
    ["10.0.0.1", "::ffff:10.0.0.1", true],
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["2001:db8::1", "2001:db8:0:0:5::1", true],
    ["::1", "::2", true],
    ["fe80::1%eth0", "fe80::2%eth1", true],
    [undefined, "10.0.0.1", false],
  ] as const) {
    it(`${one} and ${other} must be ${same ? "one" : "two"}`, () => {
      const { budget } = open();
      for (let round = 0; round < 3; round += 1) budget.spend(one);
      assert.equal(budget.waitMs(other) > 0, same);
    });
  }

  it("must forget who was not seen for longest, so that many addresses use up no memory", () => {
    const { budget } = open();
    for (let round = 0; round < 3; round += 1) budget.spend("10.0.0.1");
    for (let index = 0; index < 2_000; index += 1) budget.spend(`10.1.${index >> 8}.${index & 255}`);
    assert.equal(budget.waitMs("10.0.0.1"), 0);
  });
});
