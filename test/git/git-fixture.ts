import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

const environment = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Test Author",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Carl Committer",
  GIT_COMMITTER_EMAIL: "carl@example.org",
};

/** An empty directory that goes with the test. */
export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "holdfast-git-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs git in a repository and returns what it prints, trimmed. */
export function git(repository: string, args: readonly string[], input: string | Uint8Array = ""): string {
  return gitBytes(repository, args, input).toString("utf8").trim();
}

/** Runs git in a repository and returns what it prints. */
export function gitBytes(repository: string, args: readonly string[], input: string | Uint8Array = ""): Buffer {
  return execFileSync("git", ["-C", repository, ...args], { input, env: environment, maxBuffer: 1 << 30, stdio: "pipe" });
}

/** Makes an empty bare repository and returns its path. */
export function createRepository(parent: string, name = "repo.git"): string {
  const path = join(parent, name);
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", path], { env: environment });
  return path;
}

export interface CommitRequest {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly branch?: string;
  readonly message?: string;
  /** Starts a history of its own instead of continuing the branch. */
  readonly orphan?: boolean;
}

/** Commits files on a branch of a bare repository, other files stay, and returns the commit's id. */
export function commit(repository: string, request: CommitRequest): string {
  const branch = `refs/heads/${request.branch ?? "main"}`;
  const chunks: Buffer[] = [];
  const message = Buffer.from(request.message ?? "A change\n\nWith a body.\n");
  if (request.orphan) chunks.push(Buffer.from(`reset ${branch}\n\n`));
  chunks.push(Buffer.from(`commit ${branch}\nauthor Test Author <test@example.org> 1700000000 +0100\n`));
  chunks.push(Buffer.from(`committer Carl Committer <carl@example.org> 1700000100 +0100\ndata ${message.length}\n`), message);
  const parent = request.orphan ? "" : git(repository, ["for-each-ref", "--format=%(objectname)", branch]);
  if (parent !== "") chunks.push(Buffer.from(`from ${parent}\n`));
  for (const [path, content] of Object.entries(request.files)) {
    const bytes = Buffer.from(content);
    chunks.push(Buffer.from(`M 100644 inline ${JSON.stringify(path)}\ndata ${bytes.length}\n`), bytes, Buffer.from("\n"));
  }
  git(repository, ["fast-import", "--quiet", "--force"], Buffer.concat(chunks));
  return git(repository, ["rev-parse", branch]);
}

export interface RawEntry {
  readonly mode: string;
  readonly name: string | Uint8Array;
  readonly oid: string;
}

/** Writes a tree object exactly as given, however hostile, and returns its id. */
export function writeRawTree(repository: string, entries: readonly RawEntry[]): string {
  const chunks = entries.flatMap(({ mode, name, oid }) => [
    Buffer.from(`${mode} `),
    Buffer.from(name),
    Buffer.from([0]),
    Buffer.from(oid, "hex"),
  ]);
  return git(repository, ["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], Buffer.concat(chunks));
}

/** Commits a tree object on `main`, without any check, and returns the commit's id. */
export function commitTree(repository: string, tree: string): string {
  const oid = git(repository, ["commit-tree", "-m", "raw", tree]);
  git(repository, ["update-ref", "refs/heads/main", oid]);
  return oid;
}

/** Writes a blob and returns its id. */
export function writeBlob(repository: string, content: string | Uint8Array): string {
  return git(repository, ["hash-object", "-w", "--stdin"], content);
}

/** What git itself lists, in the form of `Tree.files`. */
export function listWithGit(repository: string, revision: string) {
  const lines = git(repository, ["ls-tree", "-r", revision]).split("\n");
  return lines.map((line) => {
    const [, mode, oid, path] = /^(\d+) \w+ (\w+)\t(.*)$/.exec(line) ?? [];
    return { path, oid, mode };
  });
}

/** Files of 700 bytes that do not compress, in twenty directories below `desired-state`. */
export function manyFiles(count: number): Record<string, string> {
  const entry = (index: number) => [`desired-state/stack-${index % 20}/file-${index}`, randomBytes(500).toString("base64")];
  return Object.fromEntries(Array.from({ length: count }, (_, index) => entry(index)));
}

/** Asserts that git finds nothing wrong in a repository. */
export function assertSound(gitDirectory: string): void {
  assert.doesNotMatch(git(gitDirectory, ["fsck", "--full", "--strict"]), /error|missing|broken|corrupt/);
}
