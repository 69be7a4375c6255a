import { type Content, type Html, html } from "./html.ts";
import type { Tone } from "./icon.ts";
import { SCRIPT_VERSION } from "./page-script.ts";
import { STYLE_VERSION } from "./page-style.ts";

/** What every page needs to know of who looks at it. */
export interface Viewer {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Whether signing in is possible at all. */
  readonly canSignIn: boolean;
  /** What forms carry; undefined for who has not signed in, who gets none. */
  readonly formToken?: string;
}

export interface LayoutRequest {
  readonly title: string;
  readonly host: string;
  readonly tone: Tone;
  /** Which of the two pages it belongs to. */
  readonly place: "host" | "fleet" | "none";
  /** How it stays up to date: `events` as they come, `poll` every ten seconds. */
  readonly live: "events" | "poll" | "none";
  readonly main: Content;
}

/** A whole page around its main part. */
export function renderLayout({ title, host, tone, place, live, main }: LayoutRequest, viewer: Viewer): string {
  const page = html`<html lang="en" data-now="${Math.round(viewer.nowMs)}" data-live="${live}">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" type="image/svg+xml" href="/assets/icon.svg?tone=${tone}">
<link rel="stylesheet" href="/assets/page.css?v=${STYLE_VERSION}">
${live !== "none" && html`<noscript><meta http-equiv="refresh" content="15"></noscript>`}
<script src="/assets/page.js?v=${SCRIPT_VERSION}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<div class="bar">
<a class="brand" href="/">${MARK}<span>Holdfast</span></a>
<nav aria-label="Pages">
<a href="/"${place === "host" && CURRENT}>${host}</a>
<a href="/fleet"${place === "fleet" && CURRENT}>Fleet</a>
</nav>
<div class="account">${renderLive(live)}${renderAccount(viewer)}</div>
</div>
</header>
<main id="main" tabindex="-1">${main}</main>
<footer><p>Holdfast keeps this host true to its repository. <a href="/v1/status">Status as JSON</a></p></footer>
</body>
</html>`;
  return `<!doctype html>\n${page.markup}\n`;
}

const CURRENT = html` aria-current="page"`;
/** A stone, and what holds on to it. */
const MARK = html`<svg class="logo" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path d="M10 1.5v8"/><path d="M10 9.5c0 4-2 6-6.5 8M10 9.5c0 4 2 6 6.5 8M10 9.5v8.5"/><circle cx="10" cy="4" r="2.4"/></svg>`;

function renderLive(live: LayoutRequest["live"]): Content {
  if (live === "none") return undefined;
  return html`<span class="live" id="live" role="status"><noscript>every 15 s</noscript></span>`;
}

function renderAccount({ canSignIn, formToken }: Viewer): Content {
  if (formToken !== undefined) {
    return html`<form method="post" action="/logout">${renderFormToken(formToken)}<button class="quiet">Sign out</button></form>`;
  }
  return canSignIn && html`<a class="button quiet" href="/login">Sign in</a>`;
}

/** What makes a form one of ours. */
export function renderFormToken(formToken: string): Html {
  return html`<input type="hidden" name="form" value="${formToken}">`;
}
