import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";

/** What a commit does to a path: new content, content with a mode ("100755", "120000"), or null to delete it. */
export type FileChange = string | Buffer | { readonly content: string | Buffer; readonly mode: string } | null;

export interface CommitOptions {
  readonly branch?: string;
  readonly message?: string;
  /** The commit to build on; null starts a new history (a force-push). Default: the branch's tip. */
  readonly parent?: string | null;
  /** Drop every file that is not named. */
  readonly replace?: boolean;
  /** A private SSH key to sign the commit with. */
  readonly signingKeyFile?: string;
}

export interface GitRepository {
  readonly name: string;
  /** The address at the server that made it. */
  readonly url: string;
  /** The bare repository on disk, which is an address as well. */
  readonly path: string;
  /** Commits the changes and moves the branch, which is what a push does. Returns the commit's id. */
  commit(files: Readonly<Record<string, FileChange>>, options?: CommitOptions): Promise<string>;
  /** The id that a revision names, or undefined. */
  resolve(revision: string): Promise<string | undefined>;
  /** Runs git on the bare repository. Returns its standard output. */
  git(args: readonly string[]): Promise<string>;
}

/** Nothing of the machine's or the user's git settings takes part in a test. */
export const gitEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env["PATH"],
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.org",
};

/** One commit in the format of git fast-import: lengths are bytes, so content needs no quoting. */
function describeCommit(
  reference: string,
  parent: string | undefined,
  files: Readonly<Record<string, FileChange>>,
  options: CommitOptions,
): Buffer {
  const parts: Buffer[] = [];
  const add = (text: string) => parts.push(Buffer.from(text));
  const addData = (content: string | Buffer) => {
    const data = Buffer.from(content as string);
    add(`data ${data.length}\n`);
    parts.push(data);
    add("\n");
  };
  add(`commit ${reference}\ncommitter Test <test@example.org> ${Math.floor(Date.now() / 1000)} +0000\n`);
  addData(options.message ?? `Change ${Object.keys(files).join(", ")}`);
  if (parent !== undefined) add(`from ${parent}\n`);
  if (options.replace) add("deleteall\n");
  for (const [path, change] of Object.entries(files)) {
    const quoted = `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
    if (change === null) {
      add(`D ${quoted}\n`);
      continue;
    }
    const plain = typeof change === "string" || Buffer.isBuffer(change);
    add(`M ${plain ? "100644" : change.mode} inline ${quoted}\n`);
    addData(plain ? change : change.content);
  }
  add("done\n");
  return Buffer.concat(parts);
}

/** Makes a bare repository with an empty branch `main` below `root`. */
export async function createBareRepository(root: string, name: string, url: string): Promise<GitRepository> {
  const path = join(root, name);
  const run = async (args: readonly string[], input?: Buffer): Promise<string> => {
    const options = { environment: gitEnvironment, ...(input && { input }) };
    return (await runCommand(["git", "--git-dir", path, ...args], options)).stdout.trim();
  };
  await runCommand(["git", "init", "--quiet", "--bare", "--initial-branch=main", path], { environment: gitEnvironment });
  await run(["config", "http.receivepack", "true"]);

  const resolve = async (revision: string): Promise<string | undefined> => {
    const argv = ["git", "--git-dir", path, "rev-parse", "--verify", "--quiet", `${revision}^{commit}`];
    const result = await runCommand(argv, { environment: gitEnvironment, allowFailure: true });
    return result.exitCode === 0 ? result.stdout.trim() : undefined;
  };

  const commit = async (files: Readonly<Record<string, FileChange>>, options: CommitOptions = {}): Promise<string> => {
    const branch = `refs/heads/${options.branch ?? "main"}`;
    const parent = options.parent === undefined ? await resolve(branch) : (options.parent ?? undefined);
    const scratch = `refs/scratch/${process.hrtime.bigint()}`;
    await run(["fast-import", "--quiet", "--done", "--force"], describeCommit(scratch, parent, files, options));
    let oid = await run(["rev-parse", scratch]);
    if (options.signingKeyFile !== undefined) {
      const signing = ["-c", "gpg.format=ssh", "-c", `user.signingkey=${options.signingKeyFile}`];
      const message = await run(["log", "-1", "--format=%B", oid]);
      oid = await run([...signing, "commit-tree", "-S", "-m", message, ...(parent ? ["-p", parent] : []), `${oid}^{tree}`]);
    }
    await run(["update-ref", branch, oid]);
    await run(["update-ref", "-d", scratch]);
    return oid;
  };

  return { name, url, path, commit, resolve, git: (args) => run(args) };
}
