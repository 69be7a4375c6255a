/**
 * Draws a part of the demo's screen as an SVG; `npm run demo -- --picture docs/demo.svg` calls it with the pinned Node.js:
 * node install/demo/draw-picture.ts FROM TO TITLE < CAPTURE > PICTURE
 * CAPTURE is what script(1) recorded of `npm run demo -- --check`; FROM and TO are texts of its first and last line.
 */
import { readFileSync } from "node:fs";

interface Run {
  readonly text: string;
  readonly classes: readonly string[];
}

const CLASSES: Readonly<Record<string, string>> = { 1: "b", 2: "d", 31: "r", 32: "g", 33: "y", 36: "c" };
const RESETS: Readonly<Record<string, readonly string[]>> = { 22: ["b", "d"], 39: ["r", "g", "y", "c"] };
const CHARACTER = 8.43;
const LINE = 19;
const MARGIN = 20;
const BAR = 34;

const STYLE = `
  text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; fill: #1f2328 }
  .screen { fill: #f6f8fa; stroke: #d0d7de } .title { fill: #59636e } .dot { fill: #d0d7de }
  .b { font-weight: bold } .d { fill: #59636e } .r { fill: #c62828 } .g { fill: #1a7f37 } .y { fill: #8a5a00 } .c { fill: #0b6e99 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .screen { fill: #161b22; stroke: #30363d } .title { fill: #9198a1 } .dot { fill: #30363d }
    .d { fill: #9198a1 } .r { fill: #ff7b72 } .g { fill: #56d364 } .y { fill: #e3b341 } .c { fill: #76d9f5 }
  }`;

const [from = "", to = "", title = ""] = process.argv.slice(2);
const lines = selectLines(readScreen(readFileSync(0, "utf8")), from, to).map(parseLine);
process.stdout.write(drawScreen(lines, title));

/** What stayed on the screen: what was drawn over is left out. */
function readScreen(capture: string): string[] {
  return capture
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r\u001b[2K") + 1).replace(/^\u001b\[2K|\r/g, ""));
}

function selectLines(all: readonly string[], first: string, last: string): string[] {
  const start = all.findIndex((line) => plain(line).includes(first));
  const length = all.slice(start).findIndex((line) => plain(line).includes(last));
  if (start < 0 || length < 0) throw new Error(`the capture does not hold "${first}" and then "${last}"`);
  return all.slice(start, start + length + 1);
}

function plain(line: string): string {
  return line.replace(/\u001b\[[0-9;]*m/g, "");
}

function parseLine(line: string): Run[] {
  const active = new Set<string>();
  const runs: Run[] = [];
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      if (part !== "") runs.push({ text: part, classes: [...active] });
      continue;
    }
    for (const code of codes.split(";")) {
      if (code === "" || code === "0") active.clear();
      for (const name of RESETS[code] ?? []) active.delete(name);
      const name = CLASSES[code];
      if (name !== undefined) active.add(name);
    }
  }
  return runs;
}

function drawScreen(screen: readonly (readonly Run[])[], name: string): string {
  const longest = Math.max(...screen.map((line) => line.reduce((sum, run) => sum + run.text.length, 0)));
  const width = Math.round(longest * CHARACTER + 2 * MARGIN);
  const height = screen.length * LINE + BAR + MARGIN;
  const texts = screen.map((line, index) => drawLine(line, BAR + (index + 1) * LINE)).filter((text) => text !== "");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(name)}">
<style>${STYLE}
</style>
<rect class="screen" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${[20, 38, 56].map((x) => `<circle class="dot" cx="${x}" cy="18" r="5.5"/>`).join("")}
<text class="title" x="${width / 2}" y="23" text-anchor="middle">${escapeText(name)}</text>
${texts.join("\n")}
</svg>
`;
}

/** Every run at its own column, so that a font of another width does not shift what follows. */
function drawLine(line: readonly Run[], y: number): string {
  let column = 0;
  const spans = line.map(({ text, classes }) => {
    const start = column + text.length - text.trimStart().length;
    column += text.length;
    if (text.trim() === "") return "";
    const style = classes.length === 0 ? "" : ` class="${classes.join(" ")}"`;
    return `<tspan x="${(MARGIN + start * CHARACTER).toFixed(1)}"${style}>${escapeText(text.trim())}</tspan>`;
  });
  return spans.join("") === "" ? "" : `<text y="${y}">${spans.join("")}</text>`;
}

function escapeText(text: string): string {
  // Renderers collapse ordinary spaces.
  return text.replaceAll(" ", "\u00a0").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
