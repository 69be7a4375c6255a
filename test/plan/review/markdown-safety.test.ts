import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { marked } from "marked";
import type { Review } from "../../../agent/model/generated/review.ts";
import { renderReviewMarkdown } from "../../../agent/plan/review/render-review-markdown.ts";
import { buildReview, renderStack } from "./build-review.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const OWN = /^<\/?(h3|h4|ul|li|p|strong|code|details|summary|b|sub)>$|^<pre>$|^<\/pre>$|^<code class="language-diff">$/;

function show(text: string): string {
  return marked.parse(text, { gfm: true, async: false }) as string;
}

/** The elements of a page that a forge would make of a text. */
function listTags(text: string): string[] {
  return show(text).match(/<[a-z/!][^>]*>/gi) ?? [];
}

function assertTame(text: string): void {
  const tags = listTags(text);
  assert.deepEqual(
    tags.filter((tag) => !OWN.test(tag)),
    [],
    text,
  );
  for (const name of ["details", "summary", "pre", "sub"])
    assert.equal(tags.filter((tag) => tag === `<${name}>`).length, tags.filter((tag) => tag === `</${name}>`).length, text);
  // Names in code notify nobody; anywhere else there is something between the sign and the name.
  const page = show(text).replace(/<code[^>]*>[\s\S]*?<\/code>/g, "");
  assert.doesNotMatch(page, /@\w/);
}

const pieces = fc.constantFrom(
  ...[
    "`",
    "```",
    "~~~",
    "\n",
    "\r\n",
    "<",
    ">",
    "</details>",
    "<script>alert(1)</script>",
    "<!--",
    "-->",
    "<img src=x onerror=y>",
  ],
  ...[
    "@everyone",
    "#1",
    "[a](javascript:b)",
    "![a](http://x/y)",
    "http://x.y/z",
    "www.x.y",
    "*",
    "_",
    "**",
    "\\",
    "|",
    "&lt;",
    "- ",
    "1. ",
  ],
  ...["===", "---", "    ", "\t", "# ", "> ", "a", "web", "~~", "$(x)", "\u0000", "é", "x@y.zz"],
);
const hostile = fc.array(pieces, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));

/** A review in which everything that comes from a repository is `text`, but names of hosts, stacks and services: theirs are checked. */
function plant(text: string): Review {
  const stack = (image: string) =>
    renderStack("one", { services: { web: { image, environment: { [text]: `${image}${text}` } } } });
  const review = buildReview({ before: [stack("a:1")], after: [stack("a:2")] });
  const finding = { path: text, line: 1, column: 1, message: text, rule: text, severity: "error" as const, isNew: true };
  return {
    ...review,
    findings: [finding, { ...finding, severity: "warning" }, { ...finding, severity: "warning", isNew: false }],
    hosts: review.hosts.map((host) => ({
      ...host,
      ...{ summary: text, rejected: text, held: text, notes: [text, text], untouched: [text] },
      stacks: host.stacks.map((one) => ({
        ...one,
        ...{ notes: [text], held: text, untouched: [text], filesPlaced: [text], filesRemoved: [text] },
        ...{ portsOpened: [text], portsClosed: [text], data: [text], unpinned: [text] },
        services: one.services.map((service) => ({ ...service, causes: [text, text], interruption: text })),
      })),
    })),
  };
}

describe("a comment, as a forge shows it", () => {
  for (const name of readdirSync(GOLDEN))
    test(`must be well-formed: ${name}`, () => assertTame(readFileSync(join(GOLDEN, name), "utf8")));

  test("must hold no markup of a repository's, whatever its names and values are", () => {
    fc.assert(
      fc.property(hostile, (text) => assertTame(renderReviewMarkdown(plant(text)))),
      { numRuns: 500 },
    );
  });

  test("must see what a careless one would let through", () => {
    assert.throws(() => assertTame("- a <script>alert(1)</script>\n"));
    assert.throws(() => assertTame("- [a](https://x.y)\n"));
    assert.throws(() => assertTame("- @everyone\n"));
  });
});
