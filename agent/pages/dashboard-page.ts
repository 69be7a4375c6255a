import type { HistoryReport } from "../model/generated/history.ts";
import type { Status } from "../model/generated/status.ts";
import { type Content, html } from "./html.ts";
import { renderBadge, renderIcon, type Tone } from "./icon.ts";
import { toneOfHealth, toneOfHost, toneOfStack, toneOfState, wordOfStack } from "./judge-tone.ts";
import { renderFormToken, renderLayout, type Viewer } from "./layout.ts";
import { renderMoment } from "./moment.ts";
import { renderDrift } from "./render-drift.ts";
import { renderHistory } from "./render-history.ts";
import { renderHold, renderHoldForms, renderHolds } from "./render-holds.ts";
import { renderText } from "./render-text.ts";

export interface DashboardRequest {
  readonly status: Status;
  readonly history: HistoryReport;
  readonly viewer: Viewer;
  /** What the viewer did just now, in a line. */
  readonly done?: string | undefined;
}

/** How many stacks the first line names. */
const NAMED = 4;

const TITLES: Readonly<Record<Tone, string>> = {
  ok: "healthy",
  ...{ busy: "at work", info: "held", warn: "drifted", bad: "needs attention", none: "not healthy" },
};

/** `GET /`: one host. */
export function renderDashboard({ status, history, viewer, done }: DashboardRequest): string {
  const tone = toneOfHost(status);
  const { host } = status;
  const main = html`
<div data-part="summary" class="summary ${tone}">
<h1>${renderIcon(tone)}${host} <span class="verdict">${TITLES[tone]}</span></h1>
<p class="lead">${summarize(status)}</p>
${renderFacts(status, viewer.nowMs)}
</div>
${done !== undefined && html`<p class="callout done" role="status">${done}</p>`}
${renderActions(status, viewer)}
<p id="activity" class="activity" hidden></p>
<div data-part="notices">${renderNotices(status, viewer.nowMs)}</div>
<section aria-labelledby="stacks"><h2 id="stacks">Stacks</h2><div data-part="stacks">${renderStacks(status, viewer.nowMs)}</div></section>
<div data-part="alerts">${renderAlerts(status, viewer.nowMs)}</div>
<section aria-labelledby="recent"><h2 id="recent">Recent history</h2><div data-part="history">${renderHistory(history.entries, viewer.nowMs)}</div></section>`;
  const title = `${host}: ${TITLES[tone]}`;
  return renderLayout({ title, host, tone, place: "host", live: "events", main }, viewer);
}

function summarize({ stacks, last }: Status): string {
  if (last === undefined) return "The first reconciliation has not ended yet.";
  if (stacks.length === 0) return "The repository has no stack for this host.";
  const wrong = stacks.filter((stack) => toneOfStack(stack) !== "ok");
  if (wrong.length === 0)
    return stacks.length === 1 ? "Its stack runs as committed." : `All ${stacks.length} stacks run as committed.`;
  const named = wrong.slice(0, NAMED).map((stack) => `${stack.name} is ${wordOfStack(stack)}`);
  const more = wrong.length > NAMED ? [`${wrong.length - NAMED} more are not as they should be`] : [];
  return `${[...named, ...more].join(", ")}.`;
}

function renderFacts({ revision, tip, commit, last, next, version }: Status, nowMs: number): Content {
  const shown = revision?.slice(0, 7) ?? "none yet";
  return html`<dl class="facts">
<div class="wide"><dt>Revision</dt><dd><code title="${revision ?? ""}">${shown}</code>${commit !== undefined && html` ${commit.subject} <span class="faint">${commit.author}, ${renderMoment(commit.at, nowMs)}</span>`}${
    tip !== undefined && tip !== revision && html` <span class="faint">(the branch is at ${tip.slice(0, 7)})</span>`
  }</dd></div>
<div><dt>Last reconciliation</dt><dd>${last === undefined ? "none yet" : html`${last.result} ${renderMoment(last.at, nowMs)} <span class="faint">took ${formatDuration(last.durationMs)}</span>`}</dd></div>
<div><dt>Next</dt><dd>${next === undefined ? "not known" : renderMoment(next, nowMs)}</dd></div>
<div><dt>Agent</dt><dd>${version}</dd></div>
</dl>`;
}

/** Milliseconds as people say them. */
export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function renderActions({ holds }: Status, { formToken }: Viewer): Content {
  if (formToken === undefined) return undefined;
  const isHeld = holds.some(({ stack, origin }) => stack === undefined && origin === "command");
  return html`<div class="actions" role="group" aria-label="What can be done">
<form method="post" action="/sync">${renderFormToken(formToken)}<button id="sync" class="primary">Reconcile now</button></form>
<div data-part="hold-forms">${renderHoldForms("", isHeld, formToken)}</div>
</div>`;
}

function renderNotices(status: Status, nowMs: number): Content {
  const { rejected, sourceError, engineError, findings, holds, warnings = [] } = status;
  return html`
${engineError !== undefined && html`<p class="callout bad"><strong>The engine cannot be asked:</strong> ${engineError}</p>`}
${rejected !== undefined && html`<p class="callout bad"><strong>Revision ${rejected.revision.slice(0, 7)} is rejected:</strong> ${rejected.reason}</p>`}
${sourceError !== undefined && html`<p class="callout warn"><strong>The repository cannot be read:</strong> ${sourceError}. What is in force is kept as it is.</p>`}
${warnings.map((line) => html`<p class="callout warn">${line}</p>`)}
${renderHolds(
  holds.filter(({ stack }) => stack === undefined),
  nowMs,
)}
${
  findings.length > 0 &&
  html`<details class="callout plain" id="findings"><summary id="findings-open">${findings.length} finding${findings.length === 1 ? "" : "s"} in the newest revision</summary><ul>${findings.map((line) => html`<li><code>${line}</code></li>`)}</ul></details>`
}`;
}

function renderStacks({ stacks, drift, holds }: Status, nowMs: number): Content {
  if (stacks.length === 0) return html`<p class="faint">None.</p>`;
  return html`<table class="stacks">
<thead><tr><th scope="col">Stack</th><th scope="col">State</th><th scope="col" class="number">Running</th><th scope="col" class="wide">Revision</th></tr></thead>
${stacks.map((stack) => {
  const own = drift.filter((one) => one.stack === stack.name);
  const isHeld = stack.state === "held" || holds.some(({ stack: name }) => name === undefined || name === stack.name);
  const hold = holds.find(({ stack: name }) => name === stack.name);
  const isTold = hold === undefined && stack.reason !== undefined && !own.some(({ cause }) => cause === stack.reason);
  const more = own.length > 0 || isTold || hold !== undefined;
  const running = stack.services.reduce((sum, service) => sum + service.running, 0);
  const wanted = stack.services.reduce((sum, service) => sum + service.replicas, 0);
  return html`<tbody class="${toneOfStack(stack)}">
<tr><th scope="row"><a id="stack-${stack.name}" href="/stacks/${stack.name}">${stack.name}</a></th>
<td class="states">${renderBadge(toneOfState(stack.state), stack.state)} ${stack.health !== undefined && renderBadge(toneOfHealth(stack.health), stack.health)}</td>
<td class="number">${running}<span class="faint">/${wanted}</span></td>
<td class="wide"><code>${stack.revision?.slice(0, 7) ?? ""}</code>${stack.verified === true && html` <span class="faint">verified</span>`}</td></tr>
${more && html`<tr class="more"><td colspan="4">${hold !== undefined && html`<p class="reason">Suspended${renderHold(hold, nowMs)}.</p>`}${isTold && html`<p class="reason">${renderText(stack.reason)}</p>`}${own.length > 0 && renderDrift(own, isHeld)}</td></tr>`}
</tbody>`;
})}
</table>`;
}

function renderAlerts({ alerts }: Status, nowMs: number): Content {
  const told = alerts.filter(({ name }) => name !== "HoldfastHeartbeat");
  if (told.length === 0) return undefined;
  return html`<section aria-labelledby="firing"><h2 id="firing">Alerts</h2><ul class="alerts">${told.map(
    ({ name, since, summary, firesUntil }) =>
      html`<li><strong>${name}</strong> ${summary} <span class="faint">since ${renderMoment(since, nowMs)}${
        firesUntil !== undefined && ", has ended and is shown a little longer"
      }</span></li>`,
  )}</ul></section>`;
}
