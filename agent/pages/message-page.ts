import { html } from "./html.ts";
import { renderLayout, type Viewer } from "./layout.ts";

export interface MessageRequest {
  readonly host: string;
  readonly title: string;
  readonly text: string;
  readonly hint?: string | undefined;
  readonly viewer: Viewer;
}

/** What went wrong, in a line, with what to do. */
export function renderMessage({ host, title, text, hint, viewer }: MessageRequest): string {
  const main = html`<h1>${title}</h1><p>${text}</p>${hint !== undefined && html`<p>${hint}</p>`}<p><a href="/">Back to ${host}</a></p>`;
  return renderLayout({ title, host, tone: "bad", place: "none", live: "none", main }, viewer);
}
