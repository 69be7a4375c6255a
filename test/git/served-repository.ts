import { join } from "node:path";
import type { TestContext } from "node:test";
import { openSource } from "../../agent/git/open-source.ts";
import type { SourceLimits } from "../../agent/git/source-options.ts";
import type { Source, Tip } from "../../agent/ports.ts";
import { createRepository, temporaryDirectory } from "./git-fixture.ts";
import { startGitHttpServer } from "./git-http-server.ts";

const never = new AbortController().signal;

/** An empty repository behind Git's own HTTP server, and a source that follows its branch. */
export async function setUp(t: TestContext) {
  const root = temporaryDirectory(t);
  const repository = createRepository(root);
  const server = await startGitHttpServer(t, { root });
  const gitDirectory = join(root, "store");
  const open = (limits: Partial<SourceLimits> = {}) =>
    openSource({ url: `${server.url}/repo.git`, branch: "main", gitDirectory, limits });
  return { repository, server, gitDirectory, open };
}

/** Fetches where the branch is now. */
export async function follow(source: Source): Promise<Tip> {
  const tip = await source.readTip(never);
  await source.fetch(tip, never);
  return tip;
}
