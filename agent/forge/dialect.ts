import type { CommitStatus, PullRequest } from "../ports/forge.ts";

/** What authenticates: a person's or a robot's token, or the one that a GitLab job has. */
export interface ForgeToken {
  readonly value: string;
  readonly isJobToken: boolean;
}

export interface FoundComment {
  readonly id: string;
  readonly body: string;
  readonly authorId: string;
  /** Written by an account that nobody can register. */
  readonly isRobot: boolean;
  readonly url?: string;
}

/** How one forge spells what all of them do. Paths are below the API's address. */
export interface Dialect {
  readonly title: string;
  authorize(token: ForgeToken): Readonly<Record<string, string>>;
  /** Who the token is. */
  readonly self: string;
  readonly pullRequest: string;
  readonly comments: string;
  readonly firstComments: string;
  readonly editComment: { readonly method: "PATCH" | "PUT"; path(id: string): string };
  readonly statuses: (commit: string) => string;
  describeStatus(status: CommitStatus): object;
  readPullRequest(answer: unknown): PullRequest;
  readComment(answer: unknown): FoundComment;
}

/** A property of what a server answered, whatever that is. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, name) => (typeof part === "object" && part !== null ? (part as Record<string, unknown>)[name] : undefined),
    value,
  );
}

/** The same as text; "" where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" || typeof found === "number" ? String(found) : "";
}

/** A text of at most so many characters, with an ellipsis where it was longer. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
