/** The commits that a pull request is about. */
export interface PullRequest {
  /** The tip of what is proposed: statuses are attached to it. */
  readonly head: string;
  /** A commit of the branch that it goes into. */
  readonly base: string;
}

export interface Comment {
  /** What no other comment begins with, invisible to readers. */
  readonly marker: string;
  /** The text, no longer than so many characters. */
  render(limit: number): string;
  /** Without it only a comment that is there already is updated. */
  readonly create: boolean;
}

export interface WrittenComment {
  readonly outcome: "created" | "updated" | "unchanged" | "none";
  /** Where it can be looked at, when the forge tells. */
  readonly url?: string;
}

export interface CommitStatus {
  readonly commit: string;
  /** `error`: there is no result. */
  readonly state: "success" | "failure" | "error";
  /** Tells the statuses of a commit apart. */
  readonly context: string;
  /** One line. */
  readonly description: string;
  /** Where the whole of it can be read. */
  readonly targetUrl?: string;
}

/**
 * One pull request of a forge. Throws `forge-refused` when the token may not do it, and `forge-failed`. What a forge asks to be
 * done later is done later, within limits.
 */
export interface Forge {
  /** What people call it. */
  readonly title: string;
  readPullRequest(signal: AbortSignal): Promise<PullRequest>;
  /** Keeps one comment, its own by the marker and the author. */
  writeComment(comment: Comment, signal: AbortSignal): Promise<WrittenComment>;
  writeStatus(status: CommitStatus, signal: AbortSignal): Promise<void>;
}
