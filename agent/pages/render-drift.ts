import type { DifferenceReport } from "../model/stack-report.ts";
import { type Content, html } from "./html.ts";
import { renderText } from "./render-text.ts";

const MODES: Readonly<Record<string, string>> = { heal: "is being healed", report: "only reported", ignore: "ignored" };

/** Of a kind that this agent knows, or another one may have told. */
type Difference = Omit<DifferenceReport, "kind"> & { readonly kind: string };

/** How something differs from what was committed: what is expected, what is, and why that is told. */
export function renderDrift(drift: readonly Difference[], isHeld: boolean): Content {
  return html`<ul class="drift">${drift.map((one) => renderDifference(one, isHeld))}</ul>`;
}

function renderDifference(
  { kind, mode, service, container, expected, actual, cause, diff }: Difference,
  isHeld: boolean,
): Content {
  const what = container ?? service;
  const done = mode === "heal" && isHeld ? "waits for the hold to end" : MODES[mode];
  return html`<li>
<p><code class="kind">${kind}</code> ${what !== undefined && html`<strong>${what}</strong> `}${renderText(cause)} <span class="faint">(${done})</span></p>
<dl class="versus"><div><dt>expected</dt><dd>${expected}</dd></div><div><dt>actual</dt><dd>${actual}</dd></div></dl>
${diff !== undefined && html`<pre class="diff" tabindex="0" aria-label="What was changed">${diff.split("\n").map(renderDiffLine)}</pre>`}
</li>`;
}

function renderDiffLine(line: string): Content {
  const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
  return html`<span class="${kind}">${line}\n</span>`;
}
