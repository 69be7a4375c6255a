import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commit, git } from "./git-fixture.ts";
import { makeKey } from "./ssh-server.ts";

/** What makes git sign. */
export interface SigningKey {
  /** Arguments of git. */
  readonly settings: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Signer extends SigningKey {
  readonly keyFile: string;
  /** A line of the allowed signers. */
  readonly line: string;
}

export function createSigner(directory: string, name: string, options = ""): Signer {
  const keyFile = makeKey(join(directory, name));
  const settings = ["-c", "gpg.format=ssh", "-c", `user.signingKey=${keyFile}`];
  return { keyFile, settings, line: `${name}@example.org ${options}${readFileSync(`${keyFile}.pub`, "utf8").trim()}` };
}

const identity = {
  GIT_AUTHOR_NAME: "Änn Äuthor",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Cärl",
  GIT_COMMITTER_EMAIL: "c@x",
};

function gitSigned(repository: string, key: SigningKey, args: readonly string[], date = "2026-03-01T12:00:00Z"): string {
  return execFileSync("git", ["-C", repository, ...key.settings, ...args], {
    env: {
      PATH: process.env["PATH"],
      ...key.environment,
      ...identity,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_COMMITTER_DATE: date,
      GIT_AUTHOR_DATE: date,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
    .toString()
    .trim();
}

/** Commits a change of one file on main, signed, and returns the commit's id. */
export function commitSigned(repository: string, signer: SigningKey, content: string, date?: string): string {
  const unsigned = commit(repository, { files: { a: content } });
  const parents = git(repository, ["log", "-1", "--format=%P", unsigned]).split(" ").filter(Boolean);
  const args = ["commit-tree", "-S", "-m", "Ä change\n\nwith a body", ...parents.flatMap((parent) => ["-p", parent])];
  const oid = gitSigned(repository, signer, [...args, `${unsigned}^{tree}`], date);
  git(repository, ["update-ref", "refs/heads/main", oid]);
  return oid;
}

export function tagSigned(repository: string, signer: SigningKey, name: string, revision: string): void {
  gitSigned(repository, signer, ["tag", "-s", "-f", "-m", "Ä tag", name, revision]);
}

/** Commits a change of one file on main with whatever `sign` makes of the payload, and returns the commit's id. */
export function commitWith(repository: string, sign: (payload: Buffer) => string, date = "2026-03-01T12:00:00Z"): string {
  const unsigned = commit(repository, { files: { a: date } });
  const seconds = Date.parse(date) / 1000;
  const body = git(repository, ["cat-file", "commit", unsigned]).replace(/^(committer .*) \d+ /m, `$1 ${seconds} `);
  const [headers = "", ...message] = `${body}\n`.split("\n\n");
  const payload = [headers, ...message].join("\n\n");
  const signature = sign(Buffer.from(payload)).trimEnd().replaceAll("\n", "\n ");
  const signed = [`${headers}\ngpgsig ${signature}`, ...message].join("\n\n");
  const oid = git(repository, ["hash-object", "-t", "commit", "-w", "--stdin"], signed);
  git(repository, ["update-ref", "refs/heads/main", oid]);
  return oid;
}

/** Merges a commit into main, as a forge does on its pages, signed with its own key; returns the merge. */
export function mergeSigned(repository: string, key: SigningKey, other: string): string {
  const tree = git(repository, ["merge-tree", "--write-tree", "main", other]).split("\n", 1)[0] ?? "";
  const args = ["commit-tree", "-S", "-m", "Merge a change", "-p", "main", "-p", other, tree];
  const oid = gitSigned(repository, key, args);
  git(repository, ["update-ref", "refs/heads/main", oid]);
  return oid;
}

/** Writes an allowed signers file and returns its path. */
export function writeSigners(directory: string, signers: readonly Signer[]): string {
  const path = join(directory, "allowed_signers");
  writeFileSync(path, `# who may\n${signers.map(({ line }) => `${line}\n`).join("")}`);
  return path;
}
