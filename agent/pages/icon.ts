import { type Html, html } from "./html.ts";

/** How something is, told by colour, by shape and by a word beside it. */
export type Tone = "ok" | "busy" | "info" | "warn" | "bad" | "none";

const SHAPES: Readonly<Record<Tone, Html>> = {
  ok: html`<circle cx="8" cy="8" r="7"/><path class="mark" d="M4.6 8.3l2.3 2.3 4.6-5"/>`,
  busy: html`<circle cx="8" cy="8" r="6" class="ring"/><path class="line" d="M8 4.6V8l2.3 1.6"/>`,
  info: html`<rect x="1.5" y="1.5" width="13" height="13" rx="3"/><path class="mark" d="M6.2 5v6M9.8 5v6"/>`,
  warn: html`<path d="M8 1.2 15.4 14.4H.6z"/><path class="mark" d="M8 6v3.8M8 12v.2"/>`,
  bad: html`<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="mark" d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/>`,
  none: html`<circle cx="8" cy="8" r="6" class="ring"/><path class="line" d="M5.5 8h5"/>`,
};

/** A shape for a tone; the word beside it says the same. */
export function renderIcon(tone: Tone): Html {
  return html`<svg class="icon ${tone}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${SHAPES[tone]}</svg>`;
}

/** A shape and a word. */
export function renderBadge(tone: Tone, word: string): Html {
  return html`<span class="badge ${tone}">${renderIcon(tone)}<span>${word}</span></span>`;
}

const COLOURS: Readonly<Record<Tone, string>> = {
  ...{ ok: "#2da44e", busy: "#6e7781", info: "#5a7fb5" },
  ...{ warn: "#bf8700", bad: "#d1242f", none: "#6e7781" },
};

/** The shape as a picture of its own, for a browser's tab. */
export function drawFavicon(tone: Tone): string {
  const shape = SHAPES[tone].markup
    .replaceAll('class="mark"', 'fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round"')
    .replaceAll(/class="(?:ring|line)"/g, 'fill="none" stroke="currentColor" stroke-width="2"');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" color="${COLOURS[tone]}" fill="currentColor">${shape}</svg>`;
}

/** Whether a text names a tone. */
export function isTone(text: string): text is Tone {
  return Object.hasOwn(SHAPES, text);
}
