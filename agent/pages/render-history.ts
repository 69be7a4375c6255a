import type { HistoryEntryReport } from "../model/generated/history.ts";
import { type Content, html } from "./html.ts";
import { renderIcon, type Tone } from "./icon.ts";
import { renderMoment } from "./moment.ts";
import { renderText } from "./render-text.ts";

const EVENTS: Readonly<Record<HistoryEntryReport["event"], readonly [Tone, string]>> = {
  "agent-started": ["none", "agent started"],
  "agent-upgraded": ["none", "agent upgraded"],
  "upgrade-failed": ["bad", "upgrade failed"],
  "revision-accepted": ["none", "revision accepted"],
  "revision-rejected": ["bad", "revision rejected"],
  "revision-held": ["bad", "revision held"],
  converged: ["ok", "converged"],
  healed: ["ok", "healed"],
  "step-failed": ["bad", "step failed"],
  "hook-ended": ["none", "hook ended"],
  "drift-reported": ["warn", "drift"],
  "healing-stopped": ["bad", "healing stopped"],
  "rolled-back": ["bad", "rolled back"],
  "verification-failed": ["bad", "not healthy"],
  removed: ["none", "removed"],
  suspended: ["info", "suspended"],
  resumed: ["ok", "resumed"],
  synced: ["none", "synced"],
};

/** What happened, the newest first; steps with their causes on demand. */
export function renderHistory(entries: readonly HistoryEntryReport[], nowMs: number): Content {
  if (entries.length === 0) return html`<p class="faint">Nothing has happened yet.</p>`;
  return html`<ol class="history">${entries.toReversed().map((entry) => renderEntry(entry, nowMs))}</ol>`;
}

function renderEntry(entry: HistoryEntryReport, nowMs: number): Content {
  const { at, event, stack, revision, text, steps = [], findings = [] } = entry;
  const [tone, word] = EVENTS[event];
  const line = html`<strong>${stack} ${word}</strong> ${revision !== undefined && html`<code class="revision">${revision.slice(0, 7)}</code> `}${renderText(text)}`;
  const more = renderMore(entry);
  const id = `h${Date.parse(at)}-${event}-${stack ?? "host"}`;
  return html`<li>
<span class="when">${renderMoment(at, nowMs)}</span>
${renderIcon(tone)}
<div class="what">${
    steps.length + findings.length === 0
      ? html`<p>${line}</p>`
      : html`<details id="${id}"><summary id="${id}-more">${line}</summary>${more}</details>`
  }</div>
</li>`;
}

function renderMore({ steps = [], findings = [] }: HistoryEntryReport): Content {
  return html`<ul>${steps.map(
    ({ text, causes }) =>
      html`<li>${text}${causes.map((cause) => html` <span class="faint">because ${renderText(cause)}</span>`)}</li>`,
  )}${findings.map((line) => html`<li><code>${line}</code></li>`)}</ul>`;
}
