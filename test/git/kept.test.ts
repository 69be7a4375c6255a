import assert from "node:assert/strict";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { openKept } from "../../agent/git/open-kept.ts";
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

describe("verified revisions", () => {
  let stateDir: string;
  let kept: Kept;
  beforeEach(() => {
    stateDir = createTemporaryDirectory("hf-kept-");
    kept = openKept({ stateDir });
  });
  afterEach(() => removeTemporaryDirectory(stateDir));

  const revision = (number: number): KeptRevision => ({
    ...{ stack: "web", inputs: `inputs${number}`, revision: `rev${number}`, verifiedAtMs: number, images: {}, digests: {} },
  });

  it("must not count one that was interrupted while it was written", async () => {
    await kept.keep(revision(1), FILES);
    mkdirSync(join(stateDir, "kept", "web", "half.new", "tree"), { recursive: true });
    mkdirSync(join(stateDir, "kept", "web", "damaged"));
    writeFileSync(join(stateDir, "kept", "web", "damaged", "kept.json"), '{"stack":');
    assert.deepEqual(
      (await kept.list("web")).map(({ inputs }) => inputs),
      ["inputs1"],
    );
  });

  it("must be read by their owner alone, and leave nothing behind", async () => {
    await kept.keep(revision(1), FILES);
    const place = join(stateDir, "kept", "web", "inputs1");
    assert.equal(statSync(join(place, "tree/state/stacks/web/compose.yaml")).mode & 0o077, 0);
    assert.equal((await kept.remove("web")).length, 1);
    assert.deepEqual(readdirSync(join(stateDir, "kept")), []);
  });

  for (const path of ["../outside", "a/../../b", "/etc/passwd"]) {
    it(`must refuse a file outside of the tree: ${path}`, async () => {
      const file = { path, executable: false, content: Buffer.from("") };
      await assert.rejects(kept.keep(revision(1), [file]), /is not a path below/);
      assert.deepEqual(await kept.list("web"), []);
    });
  }
});
