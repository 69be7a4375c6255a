import { html } from "./html.ts";
import { renderLayout, type Viewer } from "./layout.ts";

export interface LoginRequest {
  readonly host: string;
  /** Where it leads afterwards: a path of this site. */
  readonly next: string;
  readonly problem?: string | undefined;
  /** Whether others on the way can read what is sent. */
  readonly isInTheClear: boolean;
  readonly viewer: Viewer;
}

/** `GET /login`: a form that turns the token into a session. */
export function renderLogin({ host, next, problem, isInTheClear, viewer }: LoginRequest): string {
  const form = html`<form method="post" action="/login" class="login">
<input type="hidden" name="next" value="${next}">
<input type="text" name="username" value="holdfast" autocomplete="username" class="hidden" tabindex="-1" aria-hidden="true" readonly>
<label for="token">Token</label>
<input id="token" name="token" type="password" required autocomplete="current-password" autofocus${problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`}>
${problem !== undefined && html`<p id="problem" class="problem" role="alert">${problem}</p>`}
<button class="primary">Sign in</button>
<p class="faint">It stands in the file that <code>tokenFile</code> of this host's agent.yaml names. A session lasts twelve hours at most.</p>
${isInTheClear && html`<p class="callout warn">This connection is not encrypted: who can listen to it can read the token. Set <code>tls</code> in agent.yaml, or use a tunnel.</p>`}
</form>`;
  const none = html`<p>Nobody can sign in here: agent.yaml has no <code>tokenFile</code>. The dashboard shows everything but logs, and <code>holdfast suspend</code>, <code>resume</code> and <code>sync</code> work on the host.</p>`;
  const main = html`<h1>Sign in to ${host}</h1>${viewer.canSignIn ? form : none}`;
  return renderLayout({ title: `Sign in to ${host}`, host, tone: "none", place: "none", live: "none", main }, viewer);
}
