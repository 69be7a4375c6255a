import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { CommittedFile, KeptRevision } from "../../agent/model/kept.ts";
import type { Kept } from "../../agent/ports.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

const FILES: readonly CommittedFile[] = [
  { path: "state/fleet.yaml", executable: false, content: Buffer.from("interval: 1m\n") },
  { path: "state/stacks/web/compose.yaml", executable: false, content: Buffer.from("services: {}\n") },
  { path: "state/stacks/web/a.d/x", executable: false, content: Buffer.from("x") },
  { path: "state/stacks/web/a", executable: false, content: Buffer.from("a") },
  { path: "state/stacks/web/run.sh", executable: true, content: Buffer.from("#!/bin/sh\n") },
];

/** Everything that Holdfast relies on of the Kept port. */
export function testKept(name: string, open: () => { readonly kept: Kept; readonly close: () => void }): void {
  describe(`${name} must`, () => {
    let kept: Kept;
    let close: () => void;
    beforeEach(() => {
      ({ kept, close } = open());
    });
    afterEach(() => close());

    const revision = (number: number): KeptRevision => ({
      ...{ stack: "web", inputs: `inputs${number}`, revision: `rev${number}`, verifiedAtMs: number, images: {}, digests: {} },
    });

    it("give back the tree as it was committed, with Git's own ids", async () => {
      await kept.keep(revision(1), FILES);
      const source = kept.open(revision(1));
      const tree = await source.readTree("any", "state/stacks/web");
      const content = await source.readBlob(tree?.files.find(({ path }) => path === "a.d/x")?.oid ?? "");
      assert.equal(Buffer.from(content).toString(), "x");

      const repository = createTemporaryDirectory("hf-kept-git-");
      try {
        const git = (...args: string[]): string =>
          execFileSync("git", ["-c", "core.fileMode=true", ...args], { cwd: repository, encoding: "utf8" }).trim();
        git("init", "--quiet");
        for (const { path, executable, content: bytes } of FILES) {
          mkdirSync(join(repository, path, ".."), { recursive: true });
          writeFileSync(join(repository, path), bytes, { mode: executable ? 0o755 : 0o644 });
        }
        git("add", ".");
        assert.equal(tree?.oid, git("rev-parse", `${git("write-tree")}:state/stacks/web`));
      } finally {
        removeTemporaryDirectory(repository);
      }
      assert.deepEqual(
        tree?.files.map(({ path, mode }) => `${mode} ${path}`),
        ["100644 a", "100644 a.d/x", "100644 compose.yaml", "100755 run.sh"],
      );
    });

    it("be listed newest first, the oldest being dropped", async () => {
      for (const number of [2, 1, 3]) await kept.keep(revision(number), FILES);
      const dropped = await kept.keep(revision(4), FILES);
      assert.deepEqual(
        dropped.map(({ inputs }) => inputs),
        ["inputs1"],
      );
      assert.deepEqual(
        (await kept.list("web")).map(({ inputs }) => inputs),
        ["inputs4", "inputs3", "inputs2"],
      );
      assert.deepEqual(await kept.list("other"), []);
    });

    it("move along with a later revision of the same content", async () => {
      for (const number of [1, 2]) await kept.keep(revision(number), FILES);
      await kept.note({ ...revision(1), revision: "later", verifiedAtMs: 9 });
      assert.deepEqual(
        (await kept.list("web")).map((item) => item.revision),
        ["later", "rev2"],
      );
    });

    it("forget a stack", async () => {
      await kept.keep(revision(1), FILES);
      assert.equal((await kept.remove("web")).length, 1);
      assert.deepEqual(await kept.list("web"), []);
    });
  });
}
