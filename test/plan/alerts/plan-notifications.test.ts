import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TrackedAlert } from "../../../agent/model/alert.ts";
import { planNotifications, type ToldGroups } from "../../../agent/plan/alerts/plan-notifications.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

function track(name: string, stack?: string, over: Partial<TrackedAlert> = {}): TrackedAlert {
  const labels = { site: "home", alertname: name, host: "box", ...(stack === undefined ? {} : { stack }) };
  const alert = { name: "HoldfastDrift", severity: "warning", labels, annotations: { summary: "s", description: "" } } as const;
  return { alert, startsAtMs: NOW_MS - 1, ...over };
}

/** What a receiver that takes everything is told at each of these moments. */
function play(moments: readonly (readonly [minute: number, tracked: readonly TrackedAlert[]])[]): string[] {
  let told: ToldGroups = {};
  const lines: string[] = [];
  for (const [minute, tracked] of moments) {
    for (const { group, payload, told: next } of planNotifications(tracked, told, NOW_MS + minute * MINUTE_MS).due) {
      const { [group]: _before, ...others } = told;
      told = next === undefined ? others : { ...others, [group]: next };
      lines.push(
        `${minute} ${payload.status}: ${payload.alerts.map((one) => `${one.labels["stack"]} ${one.status}`).join(", ")}`,
      );
    }
  }
  return lines;
}

const [WEB, DB] = [track("Drift", "web"), track("Drift", "db")];

describe("notifications of a webhook", () => {
  test("must come when an alert of a group begins or ends, and not otherwise", () => {
    const told = play([
      [0, [WEB]],
      [1, [WEB]],
      [2, [WEB, DB]],
      [4, [DB]],
      [6, [DB]],
      [7, []],
      [8, []],
    ]);
    assert.deepEqual(told, [
      "0 firing: web firing",
      "2 firing: db firing, web firing",
      "4 firing: db firing, web resolved",
      "7 resolved: db resolved",
    ]);
  });

  test("must be at most one a minute for what changes all the time, and end with the truth", () => {
    const flapping = Array.from({ length: 30 }, (_, index) => [index / 10, index % 2 === 0 ? [WEB] : [WEB, DB]] as const);
    const told = play([...flapping, [4, [WEB]]]);
    assert.ok(told.length <= 4, told.join("\n"));
    assert.match(told.at(-1) ?? "", /web firing$|db resolved, web firing$/);
  });

  test("must repeat what still fires every four hours", () => {
    const hours = Array.from({ length: 13 }, (_, hour) => [hour * 60, [WEB]] as const);
    assert.deepEqual(
      play(hours).map((line) => line.split(" ")[0]),
      ["0", "240", "480", "720"],
    );
  });

  test("must not repeat because a text or a start is another one", () => {
    const changed = { ...WEB, startsAtMs: NOW_MS, alert: { ...WEB.alert, annotations: { summary: "other" } } };
    assert.deepEqual(
      play([
        [0, [WEB]],
        [5, [changed]],
      ]),
      ["0 firing: web firing"],
    );
  });

  test("must be one per name of an alert, whatever number of stacks is concerned", () => {
    const many = Array.from({ length: 50 }, (_, index) => track("Unhealthy", `s${index}`));
    const { due } = planNotifications([...many, track("Rejected")], {}, NOW_MS);
    assert.deepEqual(
      due.map(({ group, payload }) => [group, payload.alerts.length]),
      [
        ['{}:{alertname="Rejected", host="box"}', 1],
        ['{}:{alertname="Unhealthy", host="box"}', 50],
      ],
    );
  });

  test("must go on when the clock was set back", () => {
    assert.deepEqual(
      play([
        [0, [WEB]],
        [-600, [WEB, DB]],
      ]),
      ["0 firing: web firing", "-600 firing: db firing, web firing"],
    );
  });

  test("must say when what was put off is due", () => {
    const [first] = planNotifications([WEB], {}, NOW_MS).due;
    const told = { [first?.group ?? ""]: first?.told ?? assert.fail() };
    assert.deepEqual(planNotifications([WEB, DB], told, NOW_MS + 20_000), { due: [], putOffUntilMs: NOW_MS + MINUTE_MS });
  });

  test("must tell the end that is known, and otherwise now", () => {
    const [first] = planNotifications([WEB], {}, NOW_MS).due;
    const told = { [first?.group ?? ""]: first?.told ?? assert.fail() };
    const ended = { ...WEB, resolvedAtMs: NOW_MS + 1_000 };
    const ends = [[ended], []].map(
      (tracked) => planNotifications(tracked, told, NOW_MS + MINUTE_MS).due[0]?.payload.alerts[0]?.endsAt,
    );
    assert.deepEqual(ends, ["2026-01-01T00:00:01.000Z", "2026-01-01T00:01:00.000Z"]);
  });
});
