import { createHash } from "node:crypto";

/** The only style sheet. Every colour has enough contrast on every ground that it stands on, in light and dark. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f8; --sheet: #fff; --line: #dce0e4; --soft: #eef0f3;
  --text: #1d2329; --faint: #59636e; --link: #0a58b5;
  --ok: #1a7437; --busy: #59636e; --info: #3c64a0; --warn: #8a5a00; --bad: #bf1d29; --none: #59636e;
  --ok-soft: #e9f6ed; --busy-soft: #eef0f3; --info-soft: #e9f0fa; --warn-soft: #fdf4df; --bad-soft: #fdecec; --none-soft: #eef0f3;
  --mark: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101418; --sheet: #171c21; --line: #2c343c; --soft: #20272e;
    --text: #e3e8ec; --faint: #9aa5b0; --link: #79b5ff;
    --ok: #4cc26b; --busy: #9aa5b0; --info: #86aee8; --warn: #e0a93a; --bad: #ff7b76; --none: #9aa5b0;
    --ok-soft: #15271c; --busy-soft: #20272e; --info-soft: #18243a; --warn-soft: #2b2314; --bad-soft: #331a1c; --none-soft: #20272e;
    --mark: #101418;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); min-height: 100vh; display: flex; flex-direction: column; }
main, .bar, footer { width: 100%; max-width: 66rem; margin: 0 auto; padding: 0 1rem; }
main { flex: 1; padding-bottom: 2rem; outline: none; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
code, pre { font: .92em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
p, ul, ol, dl, dd, h1, h2, h3, pre, table { margin: 0; padding: 0; }
ul, ol { list-style: none; }
.faint { color: var(--faint); }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; padding: 0; margin: 0; }
.skip:focus { position: absolute; left: 1rem; top: .4rem; z-index: 9; background: var(--sheet); padding: .4rem .8rem; border-radius: 6px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
[hidden] { display: none !important; }

.top { background: var(--sheet); border-bottom: 1px solid var(--line); }
.bar { display: flex; align-items: center; flex-wrap: wrap; gap: .2rem 1.25rem; min-height: 3rem; padding-block: .35rem; }
.brand { display: inline-flex; align-items: center; gap: .45rem; font-weight: 650; color: var(--text); text-decoration: none; }
.logo { fill: none; stroke: var(--ok); stroke-width: 1.7; stroke-linecap: round; }
.logo circle { fill: var(--sheet); }
.top nav { display: flex; gap: .15rem; }
.top nav a { color: var(--faint); text-decoration: none; padding: .2rem .6rem; border-radius: 6px; }
.top nav a:hover { background: var(--soft); color: var(--text); }
.top nav a[aria-current] { color: var(--text); background: var(--soft); font-weight: 550; }
.account { margin-left: auto; display: flex; align-items: center; gap: .9rem; }
.live { color: var(--faint); font-size: .87rem; display: inline-flex; align-items: center; gap: .4rem; }
.live:not(:empty)::before { content: ""; width: .55rem; height: .55rem; border-radius: 50%; border: 2px solid var(--faint); }
.live.on::before { border-color: var(--ok); background: var(--ok); }

.trail { padding-top: 1rem; color: var(--faint); font-size: .93rem; }
.trail + .summary { margin-top: .5rem; }
.summary { margin-top: 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-left: 4px solid var(--none); border-radius: 8px; padding: 1rem 1.15rem; }
.summary.ok { border-left-color: var(--ok); } .summary.warn { border-left-color: var(--warn); } .summary.bad { border-left-color: var(--bad); } .summary.info { border-left-color: var(--info); }
h1 { font-size: 1.4rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
h1 .icon { width: 1.2rem; height: 1.2rem; margin-right: .5rem; vertical-align: -.16em; }
h1 .verdict { font-weight: 400; color: var(--faint); }
main > h1 { margin: 1.5rem 0 1rem; }
.lead { margin-top: .15rem; }
.facts { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin-top: .9rem; }
.facts .wide { flex: 1 1 22rem; }
dt { color: var(--faint); font-size: .85rem; }
h2 { font-size: 1.02rem; font-weight: 650; margin: 1.6rem 0 .5rem; }
h3 { font-size: .95rem; font-weight: 600; margin: 1.1rem 0 .4rem; overflow-wrap: anywhere; }

.icon { flex: none; vertical-align: -.18em; fill: currentColor; }
.icon .mark { fill: none; stroke: var(--mark); stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
.icon .ring { fill: none; stroke: currentColor; stroke-width: 1.7; } .icon .line { fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; }
.ok { --tone: var(--ok); --tone-soft: var(--ok-soft); } .busy { --tone: var(--busy); --tone-soft: var(--busy-soft); }
.info { --tone: var(--info); --tone-soft: var(--info-soft); } .warn { --tone: var(--warn); --tone-soft: var(--warn-soft); }
.bad { --tone: var(--bad); --tone-soft: var(--bad-soft); } .none { --tone: var(--none); --tone-soft: var(--none-soft); }
.icon.ok, .icon.busy, .icon.info, .icon.warn, .icon.bad, .icon.none { color: var(--tone); }
.badge { display: inline-flex; align-items: baseline; gap: .35rem; white-space: nowrap; color: var(--tone); }
.badge .icon { width: .95rem; height: .95rem; align-self: center; }
tbody th .faint { font-weight: 400; } .narrow { display: none; }
.states .badge { margin-right: .6rem; }

table { width: 100%; border-collapse: separate; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; border-spacing: 0; overflow: hidden; font-variant-numeric: tabular-nums; }
thead th { color: var(--faint); font-size: .82rem; font-weight: 500; text-align: left; background: var(--soft); }
th, td { padding: .42rem .9rem; vertical-align: top; text-align: left; }
tbody th { font-weight: 550; overflow-wrap: break-word; }
tbody td, tbody th { border-top: 1px solid var(--line); }
tr.more td { border-top: 0; }
tr.more td { padding-top: 0; padding-bottom: .7rem; }
.number { text-align: right; white-space: nowrap; } thead .number { text-align: right; }
.reason { color: var(--text); overflow-wrap: anywhere; } .reason + .drift { margin-top: .4rem; }
.drift li { background: var(--soft); border-radius: 6px; padding: .5rem .75rem; overflow-wrap: anywhere; }
.drift li + li { margin-top: .4rem; }
section > .drift li, [data-part="drift"] .drift li { background: var(--sheet); border: 1px solid var(--line); }
.kind { background: var(--warn-soft); color: var(--warn); border-radius: 4px; padding: .08em .4em; }
.versus { display: flex; flex-wrap: wrap; gap: .1rem 1.5rem; margin-top: .25rem; font-size: .93rem; }
.versus div { display: flex; gap: .5rem; min-width: 0; } .versus dt { flex: none; line-height: 1.75; } .versus dd { overflow-wrap: anywhere; min-width: 0; }
pre { background: var(--soft); border-radius: 6px; padding: .6rem .75rem; overflow: auto; white-space: pre-wrap; }
.diff { margin-top: .5rem; max-height: 22rem; } .diff .added { color: var(--ok); } .diff .removed { color: var(--bad); }
.log { max-height: 26rem; background: var(--sheet); border: 1px solid var(--line); }

.callout { margin-top: .75rem; border-radius: 8px; padding: .55rem .9rem; background: var(--tone-soft, var(--soft)); border: 1px solid var(--line); overflow-wrap: anywhere; }
.callout strong { color: var(--tone); }
.callout.plain { background: var(--sheet); } .callout.done { background: var(--ok-soft); }
.callout ul { margin-top: .5rem; } .callout li + li { margin-top: .3rem; }
.activity { margin-top: .75rem; color: var(--faint); overflow-wrap: anywhere; }
.alerts { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
.alerts li { padding: .45rem .9rem; overflow-wrap: anywhere; } .alerts li + li { border-top: 1px solid var(--line); }

.history { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
.history > li { display: grid; grid-template-columns: 5.6rem 1rem 1fr; gap: 0 .7rem; padding: .42rem .9rem; }
.history > li + li { border-top: 1px solid var(--line); }
.history .icon { margin-top: .27rem; } .when { color: var(--faint); font-size: .9rem; }
.what { min-width: 0; overflow-wrap: anywhere; } .history .revision { color: var(--faint); } .history strong { font-weight: 550; margin-right: .2rem; }
.history summary { width: auto; color: inherit; font-size: inherit; list-style: none; }
.history summary::-webkit-details-marker { display: none; }
.history summary::after { content: "\\25b8"; color: var(--faint); margin-left: .35rem; } .history [open] > summary::after { content: "\\25be"; }
details > ul { margin: .25rem 0 .3rem; padding-left: .8rem; border-left: 2px solid var(--line); } details li { overflow-wrap: anywhere; }
summary { cursor: pointer; width: fit-content; color: var(--link); font-size: .93rem; border-radius: 4px; }
.plan { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; counter-reset: step; }
.plan li { padding: .45rem .9rem; overflow-wrap: anywhere; } .plan li + li { border-top: 1px solid var(--line); }
.plan li::before { counter-increment: step; content: counter(step) "."; color: var(--faint); margin-right: .5rem; }
.cause { display: block; color: var(--faint); padding-left: 1.3rem; }

.actions { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: .9rem; align-items: flex-start; }
button, .button, summary.button { font: inherit; font-size: .93rem; line-height: 1.4; display: inline-block; cursor: pointer; border: 1px solid var(--line); border-radius: 6px; padding: .32rem .85rem; background: var(--sheet); color: var(--text); text-decoration: none; list-style: none; }
summary.button::-webkit-details-marker { display: none; }
button:hover, .button:hover { background: var(--soft); }
button.primary { background: var(--text); color: var(--sheet); border-color: var(--text); } button.primary:hover { background: var(--faint); border-color: var(--faint); }
.quiet { background: transparent; }
.menu[open] { flex-basis: 20rem; }
.sheet { margin-top: .5rem; display: grid; grid-template-columns: auto 1fr; gap: .5rem .75rem; align-items: center; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; }
.sheet button { grid-column: 2; justify-self: start; }
label { color: var(--faint); font-size: .93rem; }
input, select { font: inherit; width: 100%; min-width: 0; padding: .32rem .55rem; border: 1px solid var(--faint); border-radius: 6px; background: var(--sheet); color: var(--text); }
.login { max-width: 26rem; display: grid; gap: .6rem; } .login button { justify-self: start; } .problem { color: var(--bad); }

.spread, .matrix { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
.spread li { display: grid; grid-template-columns: 9.5rem 1fr; gap: .2rem 1rem; padding: .5rem .9rem; } .spread li + li { border-top: 1px solid var(--line); }
.spread .share { white-space: nowrap; } .spread div { min-width: 0; overflow-wrap: anywhere; }
meter { width: 5.5rem; height: .85rem; vertical-align: -.08em; }
.matrix > div { display: grid; grid-template-columns: 9.5rem 1fr; gap: .1rem 1rem; padding: .42rem .9rem; } .matrix > div + div { border-top: 1px solid var(--line); }
.matrix dt { font-size: 1rem; color: var(--text); font-weight: 550; overflow-wrap: anywhere; } .matrix ul { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; }
footer { color: var(--faint); font-size: .87rem; padding-block: 1rem 1.5rem; }

@media (max-width: 640px) {
  html { font-size: 16px; }
  main, .bar, footer { padding-inline: .75rem; }
  .wide:not(.facts .wide) { display: none; } .narrow { display: inline; }
  .brand span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } .bar { gap: .2rem .75rem; }
  th, td, .alerts li, .plan li { padding-inline: .7rem; }
  .summary { padding: .85rem .9rem; }
  .facts { gap: .5rem 1.5rem; }
  .states .badge { display: flex; }
  .history > li { grid-template-columns: 1rem 1fr; padding-inline: .7rem; } .history .when { grid-column: 2; grid-row: 2; } .history .icon { grid-row: 1; }
  .spread li, .matrix > div { grid-template-columns: 1fr; padding-inline: .7rem; }
  .actions > div:has(.menu[open]) { flex: 1 1 100%; }
  button, .button, summary.button { padding: .5rem .9rem; }
}
@media (prefers-reduced-motion: no-preference) { .live.on::before { transition: background .3s; } }
@media print { .top nav, .account, .actions, footer { display: none; } body { background: none; } }
`
  .replaceAll(/\n\s*/g, "\n")
  .trimStart();

/** Changes with it, so that a browser may keep it. */
export const STYLE_VERSION: string = createHash("sha256").update(PAGE_STYLE).digest("hex").slice(0, 12);
