import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { holdfastError } from "../../../agent/model/error.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "../fake-host.ts";

const UNSIGNED = "the commit is not signed (repository.allowedSigners)";

describe("a revision that was accepted under others than who may sign now", () => {
  let host: FakeHost;
  let accepted: string;
  beforeEach(async () => {
    host = createFakeHost();
    accepted = host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }) });
    assert.equal(await host.settle(), "converged", JSON.stringify(host.log));
    forget();
  });

  function forget(): void {
    host.git.judged.length = 0;
    host.log.length = 0;
  }

  /** Only what somebody of the new signers signed is trusted. */
  function distrust(): void {
    host.git.signers = "others";
    host.git.verdicts.set(accepted, UNSIGNED);
  }

  function lose(): void {
    for (const { id } of host.world.containers()) host.world.remove(id);
  }

  async function assertHeld(outcome = "invalid"): Promise<void> {
    lose();
    for (let round = 0; round < 3; round += 1) assert.equal(await host.settle(), outcome);
    assert.deepEqual(host.world.containers(), []);
    const held = host.memory().plan?.stacks[0]?.held;
    assert.equal(held?.reason, "unverified");
    assert.ok(held?.text.startsWith("the revision in force is not trusted any more: "), held?.text);
  }

  async function assertHealed(): Promise<void> {
    lose();
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(
      [host.world.containers().length, host.memory().rejected, host.memory().unverified],
      [1, undefined, undefined],
    );
  }

  it("must be held and told, as the newest one, until one comes that is trusted", async () => {
    distrust();
    host.restart();
    await assertHeld();
    assert.deepEqual(host.messages("error"), [
      "revision rejected",
      "the revision in force is not trusted any more: nothing is converged from it",
    ]);
    assert.deepEqual(host.git.judged, [accepted, accepted], "as the newest, and as what is in force, and not at each poll");
    assert.equal(host.memory().rejected?.reason, UNSIGNED);
    assert.deepEqual(
      host.memory().plan?.drift.map(({ kind }) => kind),
      ["service-missing"],
      "drift is told all the same",
    );
    host.git.commit(stackFiles("web", { app: "hostname: two" }));
    await assertHealed();
  });

  it("must be held when it is not the newest one, and neither is trusted", async () => {
    distrust();
    const next = host.git.commit(stackFiles("web", { app: "hostname: two" }));
    host.git.verdicts.set(next, "the commit is signed by a stranger");
    host.restart();
    await assertHeld();
    assert.equal(host.memory().rejected?.reason, "the commit is signed by a stranger");
    assert.equal(host.memory().desired?.revision, accepted);
  });

  it("must be held without a network too, and be told", async () => {
    distrust();
    host.git.down = true;
    host.restart("boot");
    await assertHeld();
    assert.deepEqual(
      [host.memory().rejected?.revision, host.memory().rejected?.reason, host.memory().desired?.revision],
      [accepted, UNSIGNED, accepted],
    );
    host.git.signers = "others and ann";
    host.git.verdicts.clear();
    lose();
    assert.equal(await host.settle(), "failed", "the poll failed");
    assert.deepEqual([host.world.containers().length, host.memory().rejected], [1, undefined]);
  });

  it("must be held as soon as the agent sees who may sign, and be healed when its key is back", async () => {
    host.git.signers = "ann";
    host.restart();
    await assertHealed();
    distrust();
    await assertHeld();
    host.git.signers = "ann";
    host.git.verdicts.clear();
    await assertHealed();
    distrust();
    await assertHeld();
    host.git.signers = "ann and others";
    host.git.verdicts.clear();
    await assertHealed();
  });

  it("must be judged once when it is trusted by the new ones as well", async () => {
    const next = host.git.commit(stackFiles("web", { app: "hostname: two" }));
    host.git.verdicts.set(next, UNSIGNED);
    host.git.signers = "others";
    for (let start = 0; start < 3; start += 1) {
      host.restart();
      lose();
      for (let round = 0; round < 3; round += 1) assert.equal(await host.settle(), "invalid");
      assert.equal(host.world.containers().length, 1);
    }
    assert.deepEqual(host.git.judged, [next, accepted, next, next], "the newest at each start, what is in force once");
  });

  it("must be held at a start where it cannot be told, and be asked again at each poll", async () => {
    distrust();
    const error = holdfastError("source-refused", "ssh-keygen is not installed", { handling: "transient" });
    host.git.verdicts.set(accepted, error);
    host.restart();
    await assertHeld("failed");
    assert.deepEqual(host.messages("warn"), ["the newest revision cannot be read"], "told once");
    assert.equal(host.memory().sourceError?.message, error.message);
    host.git.verdicts.clear();
    await assertHealed();
  });

  it("must go on where it was trusted and that cannot be told any more", async () => {
    host.git.signers = "ann";
    await assertHealed();
    host.git.signers = "ENOENT";
    host.git.verdicts.set(accepted, holdfastError("source-refused", "signers cannot be read", { handling: "transient" }));
    lose();
    assert.equal(await host.settle(), "failed");
    assert.equal(host.world.containers().length, 1);
    assert.deepEqual(host.messages("warn"), ["the newest revision cannot be read"]);
    host.git.signers = "ann";
    assert.equal(await host.settle(), "converged");
    assert.equal(host.memory().sourceError, undefined);
  });

  it("must not be judged where nobody has to sign, nor where nothing was accepted yet", async () => {
    host.restart();
    await host.settle();
    assert.deepEqual(host.git.judged, [accepted], "the newest one, for its descent");
    const fresh = createFakeHost();
    fresh.git.signers = "ann";
    fresh.git.down = true;
    assert.equal(await fresh.tick(), "failed");
    assert.deepEqual(fresh.git.judged, []);
  });
});
