import type { IncomingMessage } from "node:http";
import { isHoldfastError, toHoldfastError } from "../model/error.ts";
import type { Clock, Log } from "../ports.ts";
import type { AgentApi } from "./agent-api.ts";
import { htmlAnswer } from "./html-answer.ts";
import { loginRoutes } from "./login-routes.ts";
import type { Access } from "./open-access.ts";
import { readForm } from "./read-form.ts";
import { readHoldRequest } from "./read-request.ts";
import type { Answer, Asked, Route } from "./route.ts";
import { redirect } from "./sign-in-first.ts";

export interface PageRoutesOptions {
  readonly host: string;
  readonly api: AgentApi;
  readonly access: Access;
  readonly clock: Clock;
  readonly log: Log;
}

/** How much of the history the pages show. */
const RECENT = 15;
const RECENT_OF_STACK = 30;

const KEPT = { "cache-control": "public, max-age=31536000, immutable" };

/** What somebody did just now, by the word in the address that it leads back to. */
const DONE: Readonly<Record<string, string>> = {
  sync: "A reconciliation was asked for.",
  suspend: "Suspended: it is observed and reported, and nothing is changed.",
  resume: "The hold has ended.",
};

/** The pages for people. They are loaded with the first request for one, and what they show is known already: the engine is asked for logs only. */
export function pageRoutes(options: PageRoutesOptions): Route[] {
  const { api, access, clock } = options;
  const viewerOf = ({ session }: Asked) => ({
    nowMs: clock.nowMs(),
    canSignIn: access.hasToken,
    ...(session === undefined ? {} : { formToken: session.formToken }),
  });
  const page = (path: string, answer: (incoming: IncomingMessage, asked: Asked) => Promise<string>): Route => ({
    ...{ path, method: "GET", access: "reader", isPage: true },
    answer: (incoming, asked) =>
      answer(incoming, asked)
        .then((body) => htmlAnswer(200, body))
        .catch((cause: unknown) => explain(cause, asked)),
  });

  /** What users can do something about is a page; the rest is an error of the program. */
  async function explain(cause: unknown, asked: Asked): Promise<Answer> {
    if (!isHoldfastError(cause) || cause.handling === "bug") throw cause;
    const { code, message, hint } = cause;
    const isMissing = code === "desired-state-invalid";
    const title = isMissing ? "There is no such stack" : "That did not work";
    const { renderMessage } = await import("../pages/message-page.ts");
    const body = renderMessage({ host: options.host, title, text: message, hint, viewer: viewerOf(asked) });
    return htmlAnswer(isMissing ? 404 : 400, body);
  }

  async function readLog(stack: string, { query, session }: Asked) {
    const container = query.get("log");
    // Logs may hold anything: who reads them has shown the token, on a loopback address too.
    if (container === null || session === undefined) return undefined;
    try {
      return { container, lines: await api.readLog(stack, container) };
    } catch (cause) {
      return { container, problem: toHoldfastError(cause).message };
    }
  }

  const action = (path: string, act: (parameters: Asked["parameters"], form: URLSearchParams) => Promise<string>): Route => ({
    ...{ path, method: "POST", access: "session", isPage: true },
    async answer(incoming, asked) {
      const form = await readForm(incoming, asked.session);
      if (!(form instanceof URLSearchParams)) return form;
      return act(asked.parameters, form).then(
        (location) => redirect(location),
        (cause: unknown) => explain(cause, asked),
      );
    },
  });
  const suspend = (stack: string | undefined, form: URLSearchParams): Promise<unknown> => {
    const given = Object.fromEntries(["for", "reason"].flatMap((name) => (form.get(name) ? [[name, form.get(name)]] : [])));
    return api.suspend(stack, readHoldRequest(given));
  };
  const placeOf = (stack: string | undefined, done: string): string =>
    stack === undefined ? `/?done=${done}` : `/stacks/${stack}?done=${done}`;
  const actions = ["", "/stacks/:stack"].flatMap((prefix) => [
    action(`${prefix}/suspend`, async ({ stack }, form) => {
      await suspend(stack, form);
      return placeOf(stack, "suspend");
    }),
    action(`${prefix}/resume`, async ({ stack }) => {
      api.resume(stack);
      return placeOf(stack, "resume");
    }),
    action(`${prefix}/sync`, async ({ stack }) => {
      if (stack !== undefined) api.stack(stack);
      syncBeside(stack, options);
      return placeOf(stack, "sync");
    }),
  ]);

  return [
    page("/", async (_incoming, asked) => {
      const { renderDashboard } = await import("../pages/dashboard-page.ts");
      const done = DONE[asked.query.get("done") ?? ""];
      return renderDashboard({ status: api.status(), history: api.history({ limit: RECENT }), viewer: viewerOf(asked), done });
    }),
    page("/stacks/:stack", async (_incoming, asked) => {
      const { stack: name = "" } = asked.parameters;
      const { renderStackPage } = await import("../pages/stack-page.ts");
      const [stack, log] = [api.stack(name), await readLog(name, asked)];
      const history = api.history({ stack: name, limit: RECENT_OF_STACK });
      const done = DONE[asked.query.get("done") ?? ""];
      return renderStackPage({ host: options.host, stack, history, viewer: viewerOf(asked), log, done });
    }),
    page("/fleet", async (_incoming, asked) => {
      const [{ renderFleetPage }, fleet] = await Promise.all([import("../pages/fleet-page.ts"), api.fleet()]);
      return renderFleetPage({ fleet, viewer: viewerOf(asked) });
    }),
    ...loginRoutes({ host: options.host, access, clock }),
    ...actions,
    asset("/assets/page.css", "text/css; charset=utf-8", async () => (await import("../pages/page-style.ts")).PAGE_STYLE),
    asset("/assets/page.js", "text/javascript; charset=utf-8", async () => (await import("../pages/page-script.ts")).PAGE_SCRIPT),
    asset("/assets/icon.svg", "image/svg+xml", async ({ query }) => {
      const { drawFavicon, isTone } = await import("../pages/icon.ts");
      const tone = query.get("tone") ?? "";
      return drawFavicon(isTone(tone) ? tone : "none");
    }),
  ];
}

/** Begins a reconciliation, which goes on when nobody looks any more. */
function syncBeside(stack: string | undefined, { api, log }: PageRoutesOptions): void {
  const request = stack === undefined ? {} : { stack };
  const end = new AbortController();
  api
    .sync(request, () => undefined, end.signal)
    .catch((cause: unknown) => {
      log.warn({ error: toHoldfastError(cause).message }, "a reconciliation that was asked for on a page failed");
    });
}

function asset(path: string, type: string, read: (asked: Asked) => Promise<string>): Route {
  return {
    ...{ path, method: "GET", access: "everybody" },
    answer: async (_incoming, asked) => ({ status: 200, body: await read(asked), type, headers: KEPT }),
  };
}
