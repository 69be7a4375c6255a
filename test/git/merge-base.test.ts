import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { findMergeBase } from "../../agent/git/find-merge-base.ts";
import { runCommand } from "../engine/run-command.ts";
import { createBareRepository, type GitRepository, gitEnvironment } from "../servers/git-repository.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const COMMITS = 40;

/** Commits with one or two parents among those before, each a minute younger than the last. Returns their ids. */
async function grow(repository: GitRepository, choices: readonly (readonly [number, number])[]): Promise<string[]> {
  const tree = (await repository.git(["hash-object", "-t", "tree", "-w", "/dev/null"])).trim();
  const commits: string[] = [];
  for (const [index, [first, second]] of choices.entries()) {
    const parents = [...new Set(index === 0 ? [] : [commits[first % index], commits[second % index]])].filter(
      (one) => one !== undefined,
    );
    const date = `${1_700_000_000 + index * 60} +0000`;
    const environment = { ...gitEnvironment, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    const argv = [
      "git",
      "--git-dir",
      repository.path,
      "commit-tree",
      tree,
      "-m",
      `${index}`,
      ...parents.flatMap((parent) => ["-p", parent]),
    ];
    commits.push((await runCommand(argv, { environment })).stdout.trim());
  }
  return commits;
}

describe("where a change began", () => {
  test("must be where Git finds it, in histories with merges", async () => {
    const repository = await createBareRepository(createTemporaryDirectory("hf-base-"), "a.git", "");
    const number = fc.nat({ max: 1_000 });
    const [choices = []] = fc.sample(fc.array(fc.tuple(number, number), { minLength: COMMITS, maxLength: COMMITS }), {
      seed: 1,
      numRuns: 1,
    });
    const commits = await grow(repository, choices);
    const pairs = fc.sample(fc.tuple(fc.nat({ max: COMMITS - 1 }), fc.nat({ max: COMMITS - 1 })), { seed: 2, numRuns: 25 });
    for (const [one, other] of pairs) {
      const [base, head] = [commits[one] ?? "", commits[other] ?? ""];
      const all = (await repository.git(["merge-base", "--all", base, head])).split("\n");
      const found = await findMergeBase(repository.path, base, head);
      assert.ok(
        all.includes(found),
        `${one} and ${other}: ${commits.indexOf(found)}, not ${all.map((oid) => commits.indexOf(oid))}`,
      );
    }
  });

  test("must be said not to be known where the histories share nothing, or end before", async () => {
    const directory = createTemporaryDirectory("hf-base-");
    const repository = await createBareRepository(directory, "a.git", "");
    const first = await repository.commit({ a: "1" });
    const base = await repository.commit({ a: "2" });
    const head = await repository.commit({ a: "3" }, { branch: "change", parent: first });
    const alone = await repository.commit({ a: "4" }, { branch: "alone", parent: null });
    assert.equal(await findMergeBase(repository.path, base, head), first);
    const unknown = { code: "revision-missing", message: /does not tell where [0-9a-f]{12} and [0-9a-f]{12} parted$/ };
    await assert.rejects(findMergeBase(repository.path, base, alone), unknown);
    const shallow = join(directory, "shallow");
    const clone = ["git", "clone", "--quiet", "--depth", "1", "--no-single-branch", `file://${repository.path}`, shallow];
    await runCommand(clone, { environment: gitEnvironment });
    await assert.rejects(findMergeBase(shallow, base, head), unknown);
  });
});
