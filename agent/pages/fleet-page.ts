import type { FleetHost, FleetStatus } from "../model/generated/fleet-status.ts";
import { type Content, html } from "./html.ts";
import { renderBadge, renderIcon, type Tone } from "./icon.ts";
import { heaviest, toneOfStack, wordOfStack } from "./judge-tone.ts";
import { renderLayout, type Viewer } from "./layout.ts";
import { renderMoment } from "./moment.ts";

export interface FleetPageRequest {
  readonly fleet: FleetStatus;
  readonly viewer: Viewer;
}

const STATES: Readonly<Record<FleetHost["state"], readonly [Tone, string]>> = {
  healthy: ["ok", "healthy"],
  "not-healthy": ["bad", "not healthy"],
  unreachable: ["bad", "unreachable"],
  unasked: ["none", "not asked"],
};
const POSITIONS: Readonly<Record<NonNullable<FleetHost["position"]>, readonly [Tone, string]>> = {
  current: ["ok", "current"],
  behind: ["warn", "behind"],
  ahead: ["info", "ahead"],
  other: ["none", "another one"],
};

/** How a host looks among others: what it says of its stacks counts more than that it is not healthy. */
function toneOf({ state, stacks }: FleetHost): Tone {
  const [tone] = STATES[state];
  const worst = heaviest(stacks.map(toneOfStack));
  return state === "not-healthy" && worst !== "ok" ? worst : tone;
}

/** `GET /fleet`: every host. */
export function renderFleetPage({ fleet, viewer }: FleetPageRequest): string {
  const { hosts, host } = fleet;
  const tones = hosts.map(toneOf);
  const tone = heaviest(tones.map((one) => (one === "none" ? "ok" : one)));
  const wrong = hosts.filter(({ state }) => state === "not-healthy" || state === "unreachable");
  const title = wrong.length === 0 ? "Fleet: healthy" : `Fleet: ${wrong.length} of ${hosts.length} need attention`;
  const main = html`
<div data-part="summary" class="summary ${tone}">
<h1>${renderIcon(tone)}Fleet <span class="verdict">${describeFleet(hosts)}</span></h1>
<p class="lead">As ${host} saw it ${renderMoment(fleet.at, viewer.nowMs)}.</p>
</div>
<section aria-labelledby="hosts"><h2 id="hosts">Hosts</h2><div data-part="hosts">${renderHosts(fleet, viewer.nowMs)}</div></section>
<section aria-labelledby="revisions"><h2 id="revisions">Revisions</h2><div data-part="revisions">${renderRevisions(fleet)}</div></section>
<section aria-labelledby="stacks"><h2 id="stacks">Stacks by host</h2><div data-part="stacks">${renderStacks(hosts)}</div></section>`;
  return renderLayout({ title, host, tone, place: "fleet", live: "poll", main }, viewer);
}

function describeFleet(hosts: readonly FleetHost[]): string {
  const count = (state: FleetHost["state"]): number => hosts.filter((one) => one.state === state).length;
  const parts = (["healthy", "not-healthy", "unreachable", "unasked"] as const).flatMap((state) =>
    count(state) === 0 ? [] : [`${count(state)} ${STATES[state][1]}`],
  );
  return parts.join(", ");
}

function renderHosts({ hosts, host: own }: FleetStatus, nowMs: number): Content {
  return html`<table class="stacks">
<thead><tr><th scope="col">Host</th><th scope="col">State</th><th scope="col" class="wide">Revision</th><th scope="col" class="wide number">Stacks</th><th scope="col" class="wide">Last reconciliation</th></tr></thead>
${hosts.map((one) => {
  const { state, revision, position, stacks, at, reason, holds, alerts = [] } = one;
  const told = [
    ...(reason === undefined ? [] : [reason]),
    ...(holds > 0 ? [`${holds} hold${holds === 1 ? "" : "s"} in force`] : []),
    ...(alerts.length > 0 ? [`fires ${[...new Set(alerts)].join(", ")}`] : []),
  ];
  return html`<tbody class="${toneOf(one)}"><tr><th scope="row">${renderName(one, own)}</th>
<td>${renderBadge(toneOf(one), STATES[state][1])}${position !== undefined && position !== "current" && html` <span class="narrow">${renderBadge(...POSITIONS[position])}</span>`}</td>
<td class="wide">${revision === undefined ? html`<span class="faint">unknown</span>` : html`<code>${revision.slice(0, 7)}</code>`}${position !== undefined && position !== "current" && html` ${renderBadge(...POSITIONS[position])}`}</td>
<td class="wide number">${stacks.length > 0 && html`${stacks.filter((stack) => toneOfStack(stack) === "ok").length}<span class="faint">/${stacks.length}</span>`}</td>
<td class="wide">${at !== undefined && renderMoment(at, nowMs)}</td></tr>
${told.length > 0 && html`<tr class="more"><td colspan="5"><p class="reason">${told.join("; ")}</p></td></tr>`}</tbody>`;
})}</table>`;
}

/** A host's own dashboard is at its address, which is another site. */
function renderName({ name, address }: FleetHost, own: string): Content {
  if (name === own) return html`<a id="host-${name}" href="/">${name}</a> <span class="faint">this host</span>`;
  return address === undefined ? name : html`<a id="host-${name}" href="${address}/" rel="noreferrer">${name}</a>`;
}

function renderRevisions({ hosts, revision: newest }: FleetStatus): Content {
  const known = hosts.filter(({ revision }) => revision !== undefined);
  if (known.length === 0) return html`<p class="faint">No host has told one.</p>`;
  const revisions = [...new Set([...(newest === undefined ? [] : [newest]), ...known.map(({ revision }) => revision ?? "")])];
  return html`<ul class="spread">${revisions.map((revision) => {
    const at = known.filter((one) => one.revision === revision);
    const { subject, position } = at[0] ?? {};
    return html`<li><span class="share"><meter min="0" max="${known.length}" value="${at.length}" aria-label="${revision.slice(0, 7)}: ${at.length} of ${known.length} hosts">${at.length}</meter> ${at.length}<span class="faint">/${known.length}</span></span>
<div><p><code>${revision.slice(0, 7)}</code> ${subject} ${renderBadge(...(revision === newest ? (["ok", "current"] as const) : POSITIONS[position ?? "other"]))}</p>
<p class="faint">${at.length === 0 ? "no host yet" : at.map(({ name }) => name).join(", ")}</p></div></li>`;
  })}</ul>`;
}

function renderStacks(hosts: readonly FleetHost[]): Content {
  const names = [...new Set(hosts.flatMap(({ stacks }) => stacks.map(({ name }) => name)))].sort();
  if (names.length === 0) return html`<p class="faint">None.</p>`;
  return html`<dl class="matrix">${names.map((name) => {
    const having = hosts.flatMap((one) =>
      one.stacks.filter((stack) => stack.name === name).map((stack) => ({ host: one.name, stack })),
    );
    return html`<div><dt>${name}</dt><dd><ul>${having.map(
      ({ host, stack }) =>
        html`<li>${renderBadge(toneOfStack(stack), host)} <span class="faint">${wordOfStack(stack)}</span></li>`,
    )}</ul></dd></div>`;
  })}</dl>`;
}
