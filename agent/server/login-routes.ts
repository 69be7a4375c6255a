import type { IncomingMessage } from "node:http";
import type { Clock } from "../ports.ts";
import { htmlAnswer } from "./html-answer.ts";
import type { Access } from "./open-access.ts";
import { readForm } from "./read-form.ts";
import type { Answer, Route } from "./route.ts";
import { readNext, redirect } from "./sign-in-first.ts";

export interface LoginRoutesOptions {
  readonly host: string;
  readonly access: Access;
  readonly clock: Clock;
}

/** The form that turns the token into a session, and the end of one. */
export function loginRoutes({ host, access, clock }: LoginRoutesOptions): Route[] {
  const show = async (status: number, incoming: IncomingMessage, next: string, problem?: string): Promise<Answer> => {
    const { renderLogin } = await import("../pages/login-page.ts");
    const viewer = { nowMs: clock.nowMs(), canSignIn: access.hasToken };
    return htmlAnswer(status, renderLogin({ host, next, problem, isInTheClear: access.isInTheClear(incoming), viewer }));
  };
  return [
    {
      ...{ path: "/login", method: "GET", access: "everybody" },
      answer: (incoming, { query, session }) => {
        const next = readNext(query.get("next"));
        return session === undefined ? show(200, incoming, next) : redirect(next);
      },
    },
    {
      ...{ path: "/login", method: "POST", access: "everybody" },
      async answer(incoming) {
        const form = await readForm(incoming);
        if (!(form instanceof URLSearchParams)) return form;
        const next = readNext(form.get("next"));
        const result = await access.signIn(incoming, form.get("token") ?? "");
        if ("cookie" in result) return redirect(next, { "set-cookie": result.cookie });
        const { status, body, headers = {} } = result.refusal;
        const answer = await show(status, incoming, next, status === 401 ? "This is not the token." : `${body.trim()}.`);
        const { "www-authenticate": _asksBrowser, ...rest } = headers;
        return { ...answer, headers: { ...answer.headers, ...rest } };
      },
    },
    {
      ...{ path: "/logout", method: "POST", access: "session", isPage: true },
      async answer(incoming, { session }) {
        const form = await readForm(incoming, session);
        return form instanceof URLSearchParams ? redirect("/", { "set-cookie": access.signOut(incoming) }) : form;
      },
    },
  ];
}
