import type { IncomingMessage } from "node:http";

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Content type; plain text by default. */
  readonly type?: string;
  /** Further headers, by lower-case name; they win over those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One line of the table of what is served. */
export interface Route {
  /** The whole path, without a query. */
  readonly path: string;
  /** A GET is a HEAD as well. */
  readonly method: "GET" | "POST";
  /** Who is answered: everybody who gets through, or who has the token where `listen` asks for one. */
  readonly access: "everybody" | "reader";
  /** What it throws becomes a 500, and ends nothing else. */
  answer(incoming: IncomingMessage): Answer | Promise<Answer>;
}

/** One line of text. */
export function plainText(status: number, line: string, headers: Answer["headers"] = {}): Answer {
  return { status, body: `${line}\n`, headers };
}

/** A value as JSON, for a route whose schema is in `schemas/`. */
export function jsonText(value: object): Answer {
  return { status: 200, body: JSON.stringify(value), type: "application/json" };
}
