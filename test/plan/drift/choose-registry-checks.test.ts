import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  chooseRegistryChecks,
  type RegistryCheck,
  type RegistryCheckRequest,
} from "../../../agent/plan/drift/choose-registry-checks.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = 1_700_000_000_000;
const nginx = "docker.io/library/nginx:latest";

function choose(request: Partial<RegistryCheckRequest>): string[] {
  return chooseRegistryChecks({ images: ["nginx"], checks: {}, nowMs: START_MS, most: 10, seed: "host", ...request });
}

/** Whether nginx is asked about `afterMs` later. */
function isDue(afterMs: number, check: Partial<RegistryCheck> = {}): boolean {
  const checks = { [nginx]: { checkedAtMs: START_MS, failures: 0, ...check } };
  return choose({ checks, nowMs: START_MS + afterMs }).length > 0;
}

test("an image must be asked about at once, and under one name", () => {
  assert.deepEqual(choose({ images: ["nginx", "docker.io/nginx:latest", "library/nginx"] }), [nginx]);
});

test("what cannot move must never be asked about", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  assert.deepEqual(choose({ images: [`nginx@${digest}`, `nginx:1@${digest}`, digest, "Not An Image"] }), []);
});

test("an image must be asked about once in a quarter of an hour", () => {
  assert.equal(isDue(0), false);
  assert.equal(isDue(15 * MINUTE_MS - 1), false);
  assert.equal(isDue(16.5 * MINUTE_MS), true);
});

test("failures must make it rarer, up to six hours", () => {
  const delays = [15, 30, 60, 120, 240, 360, 360].map((minutes) => minutes * MINUTE_MS);
  for (const [index, delayMs] of delays.entries()) {
    assert.equal(isDue(delayMs - 1, { failures: index + 1 }), false, `${index + 1} failures`);
    assert.equal(isDue(delayMs * 1.1, { failures: index + 1 }), true, `${index + 1} failures`);
  }
  assert.equal(isDue(6.6 * HOUR_MS, { failures: 100_000 }), true);
});

test("a registry's wish to wait must be kept, for six hours at most", () => {
  assert.equal(isDue(HOUR_MS - 1, { failures: 1, retryAtMs: START_MS + HOUR_MS }), false);
  assert.equal(isDue(HOUR_MS, { failures: 1, retryAtMs: START_MS + HOUR_MS }), true);
  assert.equal(isDue(6 * HOUR_MS, { failures: 1, retryAtMs: START_MS + 900 * HOUR_MS }), true);
});

test("a clock that was put back must silence nothing", () => assert.equal(isDue(-24 * HOUR_MS, { failures: 3 }), true));

test("hosts must ask at different moments", () => {
  const moment = (seed: string): number => {
    const checks = { [nginx]: { checkedAtMs: START_MS, failures: 0 } };
    for (let ms = 0; ; ms += 1000) if (choose({ checks, seed, nowMs: START_MS + ms }).length > 0) return ms;
  };
  assert.ok(new Set(["a", "b", "c", "d", "e"].map(moment)).size >= 3);
});

test("the longest overdue must be asked about first, and no more than allowed", () => {
  const images = ["a:1", "b:1", "c:1"];
  const at = (hours: number) => ({ checkedAtMs: START_MS - hours * HOUR_MS, failures: 0 });
  const checks = { "docker.io/library/a:1": at(1), "docker.io/library/b:1": at(3), "docker.io/library/c:1": at(2) };
  assert.deepEqual(choose({ images, checks, most: 2 }), ["docker.io/library/b:1", "docker.io/library/c:1"]);
  assert.deepEqual(choose({ images, checks, most: 0 }), []);
});

/** Follows an agent that looks at these moments and gets an answer each time; returns what it asked, and when. */
function simulate(images: readonly string[], stepsMs: readonly number[], most: number) {
  const checks: Record<string, RegistryCheck> = {};
  const asked: { image: string; atMs: number }[] = [];
  const rounds: number[] = [];
  let nowMs = START_MS;
  for (const stepMs of stepsMs) {
    nowMs += stepMs;
    const chosen = chooseRegistryChecks({ images, checks, nowMs, most, seed: "host" });
    rounds.push(chosen.length);
    for (const image of chosen) {
      asked.push({ image, atMs: nowMs });
      checks[image] = { checkedAtMs: nowMs, failures: 0 };
    }
  }
  return { asked, rounds, endMs: nowMs };
}

const name = (index: number) => `docker.io/library/app${index}:1`;
const list = (count: number) => Array.from({ length: count }, (_, index) => name(index));

test("no image must be asked about twice within a quarter of an hour, and no round be larger than allowed", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 20 * MINUTE_MS }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), steps, fc.integer({ min: 1, max: 5 }), (count, stepsMs, most) => {
      const { asked, rounds } = simulate(list(count), stepsMs, most);
      const last = new Map<string, number>();
      for (const { image, atMs } of asked) {
        assert.ok(atMs - (last.get(image) ?? 0) >= 15 * MINUTE_MS);
        last.set(image, atMs);
      }
      assert.ok(rounds.every((size) => size <= most));
    }),
  );
});

test("questions must be spread over the quarter of an hour, however often it is looked", () => {
  // Every half second, as while something is on its way.
  const { asked } = simulate(list(30), Array(7200).fill(500), 5);
  const perMinute = new Map<number, number>();
  for (const { atMs } of asked) {
    const minute = Math.floor((atMs - START_MS) / MINUTE_MS);
    perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
  }
  assert.ok([...perMinute.values()].every((count) => count <= 7));
  assert.equal(new Set(asked.map(({ image }) => image)).size, 30);
});

test("every image must be asked about again and again at a usual interval", () => {
  const { asked } = simulate(list(60), Array(120).fill(MINUTE_MS), 5);
  for (const image of list(60)) {
    const times = asked.filter((question) => question.image === image).map(({ atMs }) => atMs);
    assert.ok(times.length >= 5, `${image}: ${times.length}`);
  }
});
