/**
 * Draws the comment of `holdfast review` as a forge shows it: node install/demo/draw-review.ts docs/review.png
 * The plan is a real one, of a change of the example fleet; needs Git, Docker Compose and Chromium (CHROMIUM, /usr/bin/chromium).
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { marked } from "marked";
import { chromium } from "playwright-core";
import { makeReview } from "../../agent/commands/review-plan.ts";
import { describeResult } from "../../agent/plan/review/describe-result.ts";
import { renderReviewMarkdown } from "../../agent/plan/review/render-review-markdown.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The change: file below desired-state/, what stands there, what is put in its place. */
const EDITS: readonly (readonly [string, string, string])[] = [
  ["stacks/pi-lb/compose.yaml", "nginx:1.28.0-alpine", "nginx:1.29.3-alpine"],
  ["stacks/pi-db/compose.yaml", "mariadb:10.11.18", "mariadb:11.8.5"],
  ["fleet.yaml", "PI_DB_IP: 192.168.254.124", "PI_DB_IP: 192.168.254.125"],
];

const STYLE = `
  body { margin: 0; background: #fff; font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; color: #1f2328 }
  main { width: 860px; padding: 20px }
  .box { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden }
  .head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e }
  .head b { color: #1f2328 } .head span { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 7px; font-size: 12px; margin-left: 6px }
  .body { padding: 16px }
  .check { margin-top: 16px; padding: 10px 16px } .check i { color: #1a7f37; font-style: normal; font-weight: bold; margin-right: 8px } .check small { color: #59636e; font-size: 13px }
  h3 { font-size: 18px; margin: 0 0 12px } h4 { font-size: 14px; margin: 16px 0 8px }
  ul { padding-left: 24px; margin: 8px 0 } ul ul { margin: 0 } details { margin: 8px 0 } details details { margin-left: 0 }
  code { background: #eff1f3; border-radius: 6px; padding: 2px 5px; font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, monospace }
  pre { background: #f6f8fa; border-radius: 6px; padding: 12px; margin: 8px 0; overflow: hidden } pre code { background: none; padding: 0; line-height: 1.45 }
  .add { background: #dafbe1; color: #116329; display: block } .del { background: #ffebe9; color: #82071e; display: block } .hunk { color: #8250df }
  sub { font-size: 12px; color: #59636e }`;

const [picture] = process.argv.slice(2);
if (picture === undefined) throw new Error("say where the picture goes: node install/demo/draw-review.ts docs/review.png");
const directory = mkdtempSync(join(tmpdir(), "holdfast-picture-"));
try {
  const review = await makeReview(
    { directory: commitChange(directory), base: "HEAD~1", head: "HEAD", host: "all" },
    new AbortController().signal,
  );
  await photograph(drawPage(renderReviewMarkdown(review), describeResult(review)), picture);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The example fleet in a repository, and the change as its last commit; the same ids each time. */
function commitChange(checkout: string): string {
  const person = { NAME: "Holdfast", EMAIL: "holdfast@example.org", DATE: "2026-01-01T00:00:00Z" };
  const named = Object.entries(person).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  const env = {
    PATH: process.env["PATH"],
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    ...Object.fromEntries(named),
  };
  const git = (...args: string[]): void => void execFileSync("git", ["-C", checkout, ...args], { env });
  cpSync(join(ROOT, "desired-state"), join(checkout, "desired-state"), { recursive: true });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message=base");
  for (const [file, from, to] of EDITS) {
    const path = join(checkout, "desired-state", file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  git("commit", "--quiet", "--all", "--message=change");
  return checkout;
}

function drawPage(markdown: string, status: string): string {
  const comment = (marked.parse(markdown, { gfm: true, async: false }) as string)
    // One of the hosts is opened, as a reader would.
    .replace("<details>", "<details open>")
    .replace(/(<details open>[\s\S]*?)<details>/, "$1<details open>")
    .replace(/<code class="language-diff">([\s\S]*?)<\/code>/g, (_all, diff: string) => `<code>${colour(diff)}</code>`);
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><main>
    <div class="box"><div class="head"><b>holdfast</b><span>bot</span> commented, edited with the last push</div><div class="body">${comment}</div></div>
    <div class="box check"><i>✓</i><b>holdfast</b> <small>${status}</small></div></main>`;
}

/** The lines of a diff, which are escaped already. */
function colour(diff: string): string {
  const classes: Readonly<Record<string, string>> = { "+": "add", "-": "del", "@": "hunk" };
  const line = (text: string): string => {
    const name = classes[text[0] ?? ""];
    return name === undefined ? `${text}\n` : `<span class="${name}">${text}</span>${name === "hunk" ? "\n" : ""}`;
  };
  return diff.trimEnd().split("\n").map(line).join("");
}

async function photograph(page: string, file: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const tab = await browser.newPage({ viewport: { width: 900, height: 600 }, deviceScaleFactor: 1.5 });
    await tab.setContent(page);
    await tab.locator("main").screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
