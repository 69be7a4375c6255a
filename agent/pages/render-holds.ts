import type { HoldStatus } from "../model/generated/status.ts";
import { type Content, html } from "./html.ts";
import { renderFormToken } from "./layout.ts";
import { renderMoment } from "./moment.ts";

/** Holds that are in force, each in a line. */
export function renderHolds(holds: readonly HoldStatus[], nowMs: number): Content {
  return holds.map(
    (hold) =>
      html`<p class="callout info"><strong>${hold.stack ?? "The whole host"} is suspended</strong>${renderHold(hold, nowMs)}. It is observed and reported, and nothing is changed.</p>`,
  );
}

/** By what, since when, until when and why: what follows "is suspended". */
export function renderHold({ origin, since, until, reason }: HoldStatus, nowMs: number): Content {
  return [
    origin === "repository" && html` by <code>suspend: true</code> in its host file`,
    since !== undefined && html` since ${renderMoment(since, nowMs)}`,
    until !== undefined && html`, ends ${renderMoment(until, nowMs)}`,
    reason !== undefined && html`: ${reason}`,
  ];
}

/** The form that begins a hold, and the one that ends it; nothing for who has not signed in. */
export function renderHoldForms(path: string, isHeld: boolean, formToken: string | undefined): Content {
  if (formToken === undefined) return undefined;
  if (isHeld) {
    return html`<form method="post" action="${path}/resume">${renderFormToken(formToken)}<button id="resume" class="primary">Resume</button></form>`;
  }
  return html`<details class="menu" id="suspend-menu"><summary id="suspend-open" class="button">Suspend…</summary>
<form method="post" action="${path}/suspend" class="sheet">${renderFormToken(formToken)}
<label for="suspend-for">For</label>
<select id="suspend-for" name="for"><option value="1h">1 hour</option><option value="4h">4 hours</option><option value="1d">1 day</option><option value="">until resumed</option></select>
<label for="suspend-reason">Why</label>
<input id="suspend-reason" name="reason" maxlength="200" autocomplete="off">
<button id="suspend" class="primary">Suspend</button>
</form></details>`;
}
