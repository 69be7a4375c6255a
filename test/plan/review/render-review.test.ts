import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HostReview, Review } from "../../../agent/model/generated/review.ts";
import { describeResult } from "../../../agent/plan/review/describe-result.ts";
import { diffLines } from "../../../agent/plan/review/diff-lines.ts";
import { maskModels } from "../../../agent/plan/review/mask-models.ts";
import { outlineModel } from "../../../agent/plan/review/outline-model.ts";
import { COMMENT_LIMIT, renderReviewMarkdown } from "../../../agent/plan/review/render-review-markdown.ts";
import { renderReviewText } from "../../../agent/plan/review/render-review-text.ts";
import { buildReview, renderStack } from "./build-review.ts";

const one = (image: string) => renderStack("one", { services: { web: { image, environment: { A: "1" } } } });

/** A review of as many hosts, each with as long a diff. */
function buildLarge(hosts: number, diffLinesEach: number, findings = 0): Review {
  const review = buildReview({ before: [one("a:1")], after: [one("a:2")] });
  const [host] = review.hosts;
  assert.ok(host);
  // Each host's own, or they would be told of together.
  const lines = (host: number) =>
    Array.from({ length: diffLinesEach }, (_, index) => `+line ${index} of a model that has grown on ${host}`).join("\n");
  const of = (index: number): HostReview => ({
    ...host,
    host: `host-${index}`,
    stacks: host.stacks.map((stack) => ({ ...stack, diff: lines(index) })),
  });
  const finding = { path: "a.yaml", line: 1, column: 1, rule: "r", severity: "warning" as const, isNew: true };
  return {
    ...review,
    hosts: Array.from({ length: hosts }, (_, index) => of(index)),
    findings: Array.from({ length: findings }, (_, index) => ({ ...finding, message: `message ${index} ${"x".repeat(200)}` })),
  };
}

describe("the comment's length", () => {
  for (const [hosts, lines, findings] of [
    [1, 5_000, 0],
    [40, 500, 0],
    [1_000, 10, 0],
    [2_000, 500, 2_000],
  ] as const) {
    test(`must stay below the limit with ${hosts} hosts, ${lines} lines of diff each and ${findings} findings`, () => {
      const text = renderReviewMarkdown(buildLarge(hosts, lines, findings));
      assert.ok(text.length <= COMMENT_LIMIT, `${text.length} characters`);
      assert.match(text, /\*\*host-0\*\*/);
      assert.match(
        text,
        /Cut to fit, left out: [^;]+; `holdfast plan --base a{12} --head b{12} --all-hosts --output json` shows/,
      );
      // What is folded is closed again, or the rest of the page is folded, too.
      assert.equal(text.split("<details>").length, text.split("</details>").length);
    });
  }

  test("must say what is left out", () => {
    const told = (hosts: number, lines: number, findings = 0): string =>
      / left out: ([^;]+);/.exec(renderReviewMarkdown(buildLarge(hosts, lines, findings)))?.[1] ?? "";
    assert.equal(told(1, 5_000), "1 diff");
    assert.equal(told(40, 500), "40 diffs");
    assert.equal(told(1_000, 10), "the details of 1000 hosts");
    assert.equal(told(2_000, 500, 2_000), "the details of 100 hosts, 1980 findings, 1900 hosts");
  });

  test("must be as short as a forge wants it, whatever that leaves", () => {
    for (const limit of [32_000, 8_000, 2_000, 500]) {
      const text = renderReviewMarkdown(buildLarge(40, 500, 30), limit);
      assert.ok(text.length <= limit, `${text.length} characters`);
      assert.match(text, /^### What this change does\n/);
      assert.equal(text.split("<details>").length, text.split("</details>").length);
    }
  });

  test("must show everything that fits", () => {
    const text = renderReviewMarkdown(buildLarge(2, 100));
    assert.equal(text.match(/line 99 of a model/g)?.length, 2);
    assert.doesNotMatch(text, /Cut to fit/);
  });
});

describe("masked models", () => {
  const SECRET = "hunter2-hunter2";
  const model = (secret: string) => ({
    name: "shop",
    services: {
      web: {
        environment: { DB_PASSWORD: secret, DB_HOST: "db", DB_URL: `postgres://app:${secret}@db/app`, KEPT: "unknown-here" },
        command: ["serve", `--token=${secret}`, "--password", secret, "-v"],
        labels: { "holdfast.digest": "1.a.b", "holdfast.stack": "shop", auth: secret },
        entrypoint: `sh -c 'API_KEY=${secret} run'`,
      },
    },
    configs: { c: { content: `user = a\npassword = ${secret}\n` } },
  });

  test("must show no secret, and that one has changed", () => {
    const { before, after } = maskModels(model(SECRET), model(`${SECRET}-new`));
    const text = JSON.stringify([before, after]);
    assert.doesNotMatch(text, /hunter2/);
    assert.doesNotMatch(text, /holdfast\.digest/);
    const { environment } = (after["services"] as { web: { environment: Record<string, string> } }).web;
    assert.deepEqual(environment, {
      DB_PASSWORD: "*** (changed)",
      DB_HOST: "db",
      DB_URL: "postgres://app:***@db/app (changed)",
      KEPT: "(kept on the host)",
    });
  });

  test("must not tell of a change where there is none", () => {
    const { before, after } = maskModels(model(SECRET), model(SECRET));
    assert.deepEqual(after, before);
    assert.equal(diffLines(outlineModel(before), outlineModel(after)), "");
  });
});

describe("a diff", () => {
  test("must show what differs with the lines around it, below its heading", () => {
    const lines = ["services:", "  web:", ..."abcdefgh".split("").map((name) => `    ${name}: 1`)];
    const changed = lines.map((line) => (line === "    f: 1" ? "    f: 2" : line));
    assert.equal(
      diffLines(lines, changed),
      ["@@ services web @@", "     c: 1", "     d: 1", "     e: 1", "-    f: 1", "+    f: 2", "     g: 1", "     h: 1"].join(
        "\n",
      ),
    );
  });

  test("must be empty for equal texts, and whole for a text that is new", () => {
    assert.equal(diffLines(["a"], ["a"]), "");
    assert.equal(diffLines([], ["a", "b"]), "@@ start @@\n+a\n+b");
  });

  test("must not grow beyond reason with texts that share nothing", () => {
    const [old, now] = [3000, 3000].map((count, side) => Array.from({ length: count }, (_, index) => `${side} ${index}`));
    assert.equal(diffLines(old ?? [], now ?? []).split("\n").length, 6001);
  });
});

describe("a review in one line", () => {
  const changed = buildReview({ before: [one("a:1")], after: [one("a:2")] });
  const quiet = buildReview({ before: [one("a:1")], after: [one("a:1")] });
  const on = (review: Review, ...names: readonly string[]): HostReview[] =>
    names.flatMap((host) => review.hosts.map((item) => ({ ...item, host })));
  const finding = { path: "a.yaml", line: 3, column: 1, message: "is wrong", rule: "r", severity: "error" as const, isNew: true };
  const rejected = buildReview({ before: [one("a:1")], after: [], head: { rejected: "its file is invalid" } });
  const held = buildReview({ before: [one("a:1")], after: [], head: { maxRemovals: "50%" } });
  const cases: readonly (readonly [string, Review])[] = [
    ["nothing changes", quiet],
    ["nothing changes on 2 hosts", { ...quiet, hosts: on(quiet, "a", "b") }],
    ["b: 1 service recreated; interrupted: one/web", { ...changed, hosts: [...on(quiet, "a"), ...on(changed, "b")] }],
    ["2 of 3 hosts, 1 stack, 2 services touched", { ...changed, hosts: [...on(quiet, "a"), ...on(changed, "b", "c")] }],
    ["rejected on a, b, c and 2 more", { ...rejected, hosts: on(rejected, "a", "b", "c", "d", "e") }],
    ["a.yaml:3: is wrong", { ...changed, findings: [finding] }],
    ["2 errors, the first: a.yaml:3: is wrong", { ...changed, findings: [finding, { ...finding, line: 4 }] }],
  ];
  for (const [expected, review] of cases)
    test(`must read "${expected}"`, () => {
      assert.equal(describeResult(review), expected);
    });

  test("must say first what is held", () => {
    assert.match(describeResult(held), /^box: held, since it would remove the last of this host's stacks/);
    const many = describeResult({ ...held, hosts: [...on(held, "a", "b"), ...on(changed, "c")] });
    assert.equal(many, "held on a, b; 3 of 3 hosts, 1 stack, 3 services touched");
  });
});

test("the review for a terminal must name every cause", () => {
  assert.equal(
    renderReviewText(buildReview({ before: [one("a:1")], after: [one("a:2")] })),
    `aaaaaaaaaaaa -> bbbbbbbbbbbb
box: 1 service recreated; interrupted: one/web
  one (changed)
    recreate web: image a:1 -> a:2
      interrupted: up to 10s to stop, then until it has started
    images not pinned: a:2
`,
  );
});
