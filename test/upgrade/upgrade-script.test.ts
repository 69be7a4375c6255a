import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { runCommand } from "../engine/run-command.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

const SCRIPT = join(import.meta.dirname, "../../systemd/upgrade.sh");
const [OLD, NEW] = ["the old one", "the new one"];
const TOLD = [createHash("sha256").update(NEW).digest("hex"), "key", "0.2.0", "0.1.0", ""].join("\n");

/** Whole upgrades are in test/systemd; here are the moments at which the power may go. */
describe("upgrade.sh before a start", () => {
  let work: string;
  let library: string;
  let place: string;
  let script: string;
  beforeEach(() => {
    work = createTemporaryDirectory("hf-script-");
    [library, place, script] = [join(work, "library"), join(work, "upgrade"), join(work, "upgrade.sh")];
    mkdirSync(library);
    mkdirSync(place);
    writeFileSync(join(library, "holdfast"), OLD);
    const text = readFileSync(SCRIPT, "utf8");
    writeFileSync(script, text.replaceAll("/usr/local/lib/holdfast", library).replaceAll("/var/lib/holdfast/upgrade", place));
  });
  afterEach(() => removeTemporaryDirectory(work));

  // Nothing that would watch: no systemd is in this path.
  const swap = () => runCommand(["env", `PATH=${tools()}`, "/bin/sh", script, "swap"]);
  const program = (): string => readFileSync(join(library, "holdfast"), "utf8");
  const read = (name: string): string => readFileSync(join(place, name), "utf8");
  function stage(content = NEW): void {
    writeFileSync(join(place, "candidate"), content);
    writeFileSync(join(place, "staged"), TOLD);
  }
  function tools(): string {
    const directory = join(work, "bin");
    if (!existsSync(directory)) {
      mkdirSync(directory);
      for (const tool of ["cat", "chmod", "cmp", "cp", "cut", "ln", "mv", "rm", "sed", "sha256sum", "sync"]) {
        writeFileSync(join(directory, tool), `#!/bin/sh\nPATH=/usr/bin:/bin exec ${tool} "$@"\n`, { mode: 0o755 });
      }
    }
    return directory;
  }

  test("must change nothing when nothing was fetched", async () => {
    await swap();
    assert.deepEqual([readdirSync(library), readdirSync(place), program()], [["holdfast"], [], OLD]);
    rmSync(place, { recursive: true });
    await swap();
    assert.equal(existsSync(place), false);
  });

  test("must put what was fetched in place, and keep what was there", async () => {
    stage();
    const { stdout } = await swap();
    assert.equal(stdout, "upgrade: version 0.2.0 takes the place of 0.1.0\n");
    assert.deepEqual([program(), readFileSync(join(library, "holdfast.previous"), "utf8")], [NEW, OLD]);
    assert.deepEqual([readdirSync(place).sort(), read("trial"), read("starts")], [["starts", "trial"], TOLD, "1\n"]);
  });

  test("must bring the old one back at the third start that nobody has confirmed, and go on with it", async () => {
    stage();
    for (const expected of [NEW, NEW, OLD, OLD]) {
      await swap();
      assert.equal(program(), expected);
    }
    assert.deepEqual(readdirSync(place), ["failed"]);
    assert.equal(read("failed"), `${TOLD}it ended 2 times before its first reconciliation had finished\n`);
    assert.deepEqual(readdirSync(library), ["holdfast"]);
  });

  test("must leave a version alone that has got ready", async () => {
    stage();
    await swap();
    rmSync(place, { recursive: true });
    for (let start = 0; start < 4; start += 1) await swap();
    assert.equal(program(), NEW);
  });

  test("must not put in place what has changed since it was checked", async () => {
    stage("half of the new o");
    await swap();
    assert.deepEqual([program(), readdirSync(library), readdirSync(place)], [OLD, ["holdfast"], ["failed"]]);
    assert.match(read("failed"), /\n0\.1\.0\nits SHA-256 was right when it was fetched, and is wrong now/);
  });

  test("must go on from a power cut before the announcement was whole", async () => {
    writeFileSync(join(place, "candidate"), "half");
    writeFileSync(join(place, "staged.new"), TOLD.slice(0, 10));
    await swap();
    assert.equal(program(), OLD);
  });

  test("must go on from a power cut between the announcement of the trial and the new executable", async () => {
    stage();
    linkSync(join(library, "holdfast"), join(library, "holdfast.previous"));
    writeFileSync(join(library, "holdfast.new"), NEW);
    renameSync(join(place, "staged"), join(place, "trial"));
    writeFileSync(join(place, "starts"), "0\n");
    // The old one runs, finds a trial that is not its own, and ends it.
    await swap();
    assert.equal(program(), OLD);
    // If it does not, nothing is lost either.
    for (let start = 0; start < 3; start += 1) await swap();
    assert.deepEqual([program(), readdirSync(place)], [OLD, ["failed"]]);
  });

  test("must go on from a power cut in the middle of taking back", async () => {
    stage();
    await swap();
    await swap();
    renameSync(join(library, "holdfast.previous"), join(library, "holdfast"));
    await swap();
    assert.deepEqual([program(), readdirSync(place)], [OLD, ["failed"]]);
  });

  test("must survive a counter that is no number", async () => {
    stage();
    await swap();
    for (const rubbish of ["", "\n", "x"]) {
      writeFileSync(join(place, "starts"), rubbish);
      const { exitCode } = await runCommand(["env", `PATH=${tools()}`, "/bin/sh", script, "swap"], { allowFailure: true });
      assert.equal(exitCode, 0, JSON.stringify(rubbish));
    }
  });
});
