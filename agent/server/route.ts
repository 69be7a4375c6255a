import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session } from "./open-sessions.ts";

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Content type; plain text by default. */
  readonly type?: string;
  /** Further headers, by lower-case name; they win over those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that takes a while, or comes in pieces: who takes the response over writes all of it, headers that every answer has excepted. */
export interface Handover {
  readonly take: (response: ServerResponse) => void | Promise<void>;
}

/** What is known of a request besides what was sent. */
export interface Asked {
  /** What stands in the path where the route has `:name`, as it was sent. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Somebody who signed in with the token. */
  readonly session?: Session;
}

/**
 * Who is answered: everybody who gets through; who has the token or a session where `listen` asks for one; who sends the token, wherever
 * it listens; who has a session.
 */
export type AccessLevel = "everybody" | "reader" | "writer" | "session";

/** One line of the table of what is served. */
export interface Route {
  /** The whole path, without a query; `:name` stands for one part of it. */
  readonly path: string;
  /** A GET is a HEAD as well. */
  readonly method: "GET" | "POST";
  readonly access: AccessLevel;
  /** For people: who has to sign in is led there. */
  readonly isPage?: boolean;
  /** Cheap, or bounded in another way: not counted among the requests of an address. */
  readonly isUncounted?: boolean;
  /** What it throws becomes a 500, and ends nothing else. */
  answer(incoming: IncomingMessage, asked: Asked): Answer | Handover | Promise<Answer | Handover>;
}

/** One line of text. */
export function plainText(status: number, line: string, headers: Answer["headers"] = {}): Answer {
  return { status, body: `${line}\n`, headers };
}

/** A value as JSON, for a route whose schema is in `schemas/`. */
export function jsonText(value: object): Answer {
  return { status: 200, body: JSON.stringify(value), type: "application/json" };
}
