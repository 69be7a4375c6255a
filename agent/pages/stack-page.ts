import type { HistoryReport } from "../model/generated/history.ts";
import type { ContainerReport, ProbeReport, StackReport } from "../model/stack-report.ts";
import { formatDuration } from "./dashboard-page.ts";
import { type Content, html } from "./html.ts";
import { renderBadge, renderIcon, type Tone } from "./icon.ts";
import { toneOfHealth, toneOfStack, toneOfState, wordOfStack } from "./judge-tone.ts";
import { renderFormToken, renderLayout, type Viewer } from "./layout.ts";
import { renderMoment } from "./moment.ts";
import { renderDrift } from "./render-drift.ts";
import { renderHistory } from "./render-history.ts";
import { renderHoldForms, renderHolds } from "./render-holds.ts";
import { renderText } from "./render-text.ts";

/** The last lines of a container, as far as they were asked for and could be had. */
export interface ShownLog {
  readonly container: string;
  readonly lines?: readonly string[];
  readonly problem?: string;
}

export interface StackPageRequest {
  readonly host: string;
  readonly stack: StackReport;
  readonly history: HistoryReport;
  readonly viewer: Viewer;
  readonly log?: ShownLog | undefined;
  readonly done?: string | undefined;
}

/** `GET /stacks/<stack>`: everything that is known of one stack. */
export function renderStackPage({ host, stack, history, viewer, log, done }: StackPageRequest): string {
  const { status, holds, drift, containers, probes } = stack;
  const { nowMs } = viewer;
  const tone = toneOfStack(status);
  const isHeld = status.state === "held" || holds.length > 0;
  const main = html`
<nav class="trail" aria-label="Where this is"><a href="/">${host}</a> <span aria-hidden="true">/</span> ${status.name}</nav>
<div data-part="summary" class="summary ${tone}">
<h1>${renderIcon(tone)}${status.name} <span class="verdict">${wordOfStack(status)}</span></h1>
${status.reason !== undefined && holds.length === 0 && html`<p class="lead">${renderText(status.reason)}</p>`}
<dl class="facts">
<div><dt>State</dt><dd>${renderBadge(toneOfState(status.state), status.state)}</dd></div>
<div><dt>Health</dt><dd>${renderBadge(toneOfHealth(status.health), status.health ?? "not looked at yet")}</dd></div>
<div><dt>Revision</dt><dd><code title="${status.revision ?? ""}">${status.revision?.slice(0, 7) ?? "none"}</code>${status.verified === true && html` <span class="faint">verified</span>`}</dd></div>
${stack.dependsOn.length > 0 && html`<div><dt>Comes after</dt><dd>${stack.dependsOn.map((name) => html`<a id="after-${name}" href="/stacks/${name}">${name}</a> `)}</dd></div>`}
</dl>
</div>
${done !== undefined && html`<p class="callout done" role="status">${done}</p>`}
${renderActions(stack, viewer)}
<p id="activity" class="activity" hidden></p>
<div data-part="holds">${renderHolds(holds, nowMs)}</div>
<div data-part="drift">${drift.length > 0 && html`<section aria-labelledby="drift"><h2 id="drift">Drift</h2>${renderDrift(drift, isHeld)}</section>`}</div>
<section aria-labelledby="plan"><h2 id="plan">Plan</h2><div data-part="plan">${renderPlan(stack)}</div></section>
<section aria-labelledby="containers"><h2 id="containers">Containers</h2><div data-part="containers">${renderContainers(status.name, containers, viewer)}</div>
${log !== undefined && renderLog(log)}</section>
<div data-part="probes">${probes.length > 0 && html`<section aria-labelledby="probes"><h2 id="probes">Probes</h2>${renderProbes(probes, nowMs)}</section>`}</div>
<section aria-labelledby="recent"><h2 id="recent">History</h2><div data-part="history">${renderHistory(history.entries, nowMs)}</div></section>`;
  const title = `${status.name} on ${host}: ${wordOfStack(status)}`;
  return renderLayout({ title, host, tone, place: "none", live: "events", main }, viewer);
}

function renderActions({ status, holds }: StackReport, { formToken }: Viewer): Content {
  if (formToken === undefined) return undefined;
  const isHeld = holds.some(({ stack }) => stack === status.name);
  const path = `/stacks/${status.name}`;
  return html`<div class="actions" role="group" aria-label="What can be done">
<form method="post" action="${path}/sync">${renderFormToken(formToken)}<button id="sync" class="primary">Reconcile now</button></form>
<div data-part="hold-forms">${renderHoldForms(path, isHeld, formToken)}</div>
</div>`;
}

function renderPlan({ steps, held }: StackReport): Content {
  if (steps.length === 0)
    return html`<p class="faint">${held === undefined ? "Nothing is to be done." : "Nothing is done while it is held."}</p>`;
  return html`${held !== undefined && html`<p class="reason">Held: ${renderText(held)}</p>`}<ol class="plan">${steps.map(
    ({ text, causes }) =>
      html`<li>${text}${causes.map((cause) => html`<span class="cause">because ${renderText(cause)}</span>`)}</li>`,
  )}</ol>`;
}

const STATES: Readonly<Record<string, Tone>> = { running: "ok", restarting: "bad", dead: "bad", paused: "info", created: "busy" };

function renderContainers(stack: string, containers: readonly ContainerReport[], { formToken, nowMs }: Viewer): Content {
  if (containers.length === 0) return html`<p class="faint">None.</p>`;
  return html`<table>
<thead><tr><th scope="col">Container</th><th scope="col">State</th><th scope="col" class="wide">Image</th><th scope="col" class="wide">Created</th>${formToken !== undefined && html`<th scope="col">Log</th>`}</tr></thead>
<tbody>${containers.map((container) => {
    const { name, state, health, image, exitCode, createdAt } = container;
    return html`<tr><th scope="row">${name}${container.oneOff && html` <span class="faint">one-off</span>`}</th>
<td class="states">${renderBadge(toneOfContainer(container), exitCode === undefined ? state : `${state} ${exitCode}`)} ${health !== "none" && renderBadge(toneOfHealth(health), health)}</td>
<td class="wide"><code>${image}</code></td><td class="wide">${renderMoment(createdAt, nowMs)}</td>
${formToken !== undefined && html`<td><a id="log-${name}" href="/stacks/${stack}?log=${encodeURIComponent(name)}#log">Log<span class="hidden"> of ${name}</span></a></td>`}</tr>`;
  })}</tbody></table>`;
}

function toneOfContainer({ state, exitCode }: ContainerReport): Tone {
  if (state === "exited") return exitCode === 0 ? "none" : "bad";
  return STATES[state] ?? "none";
}

function renderProbes(probes: readonly ProbeReport[], nowMs: number): Content {
  const tones: Readonly<Record<ProbeReport["state"], Tone>> = { healthy: "ok", starting: "busy", failing: "bad" };
  return html`<table>
<thead><tr><th scope="col">Probe</th><th scope="col">State</th><th scope="col" class="wide">Last answer</th></tr></thead>
<tbody>${probes.map(
    ({
      name,
      state,
      detail,
      at,
      durationMs,
    }) => html`<tr><th scope="row"><code>${name}</code></th><td>${renderBadge(tones[state], state)}</td>
<td class="wide">${detail ?? "has not run yet"} <span class="faint">${durationMs !== undefined && `${formatDuration(durationMs)}, `}${at !== undefined && renderMoment(at, nowMs)}</span></td></tr>`,
  )}</tbody></table>`;
}

function renderLog({ container, lines, problem }: ShownLog): Content {
  const text = lines === undefined || lines.length === 0 ? "(it has written nothing)" : lines.join("\n");
  return html`<h3 id="log">Last lines of ${container}</h3>
${problem === undefined ? html`<pre class="log" tabindex="0" aria-labelledby="log">${text}</pre>` : html`<p class="callout warn">${problem}</p>`}`;
}
