import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Quarantine } from "../../agent/plan/health/choose-rollback.ts";
import type { Verification } from "../../agent/plan/health/judge-verification.ts";
import { keys } from "../../agent/reconcile/store-keys.ts";
import { syncHost } from "../../agent/reconcile/sync-host.ts";
import { rollBack } from "../../agent/reconcile/verify/roll-back.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles } from "./fake-host.ts";
import { letTimePass } from "./let-time-pass.ts";

const GOOD = stackFiles("web", { app: "command: [serve, '1']", db: "" });
const BAD = stackFiles("web", { app: "command: [serve, '2']\n    healthcheck: {test: [CMD, 'false']}", db: "" });
const WORSE = stackFiles("web", { app: "command: [serve, '3']\n    healthcheck: {test: [CMD, 'false']}", db: "" });

describe("a revision that does not get healthy", () => {
  let host: FakeHost;
  let good: string;
  beforeEach(async () => {
    host = createFakeHost();
    good = host.git.commit({ ...BOX, ...GOOD });
    await pass(20);
    assert.equal(verification()?.state, "verified");
  });

  const verification = () => host.store.read<Verification>(keys.verification("web"));
  const quarantine = () => host.store.read<Quarantine>(keys.quarantine("web"));
  const id = (service: string) => host.world.containers().find((item) => item.service === service)?.id;
  const command = () => JSON.stringify(host.memory().desired?.stacks[0]?.model).match(/serve","(\d)/)?.[1];
  const firing = () =>
    host
      .alerting()
      .firing()
      .map(({ alert }) => alert.name);

  /** Lets time pass in steps of a second, with a tick in each. */
  async function pass(seconds: number, poll = true): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await host.loop().reconcile(new AbortController().signal, { poll: poll && second === 0, inputs: true });
      host.clock.advance(1_000);
    }
  }

  it("must be taken back to the one that verified, and only what had changed be replaced", async () => {
    const db = id("db");
    const bad = host.git.commit(BAD);
    await pass(100);
    assert.equal(command(), "2");
    await pass(120);
    assert.equal(command(), "1");
    assert.equal(host.memory().desired?.revision, bad);
    assert.deepEqual(host.memory().desired?.rolledBack, ["web"]);
    assert.equal(id("db"), db, "what did not change stays");
    assert.equal(quarantine()?.outcome, "rolled-back");
    assert.equal(quarantine()?.revision, bad);
    assert.match(quarantine()?.reason ?? "", /app/);
    assert.deepEqual(firing(), ["HoldfastRolledBack"]);
    assert.ok(host.messages("error").includes("stack rolled back: it did not get healthy"));
    assert.equal(host.memory().desired?.stacks[0]?.revision, good);
  });

  it("must stay taken back: after a restart, after a boot without a network, and with commits that do not change it", async () => {
    host.git.commit(BAD);
    await pass(220);
    const app = id("app");
    host.restart();
    await pass(30);
    assert.equal(id("app"), app);
    host.git.down = true;
    host.restart("boot");
    await pass(30);
    assert.equal(id("app"), app);
    assert.equal(command(), "1");
    host.git.down = false;
    host.git.commit({ "README.md": "more" });
    await pass(220);
    assert.equal(id("app"), app);
    assert.equal(quarantine()?.outcome, "rolled-back");
  });

  it("must be tried again when the stack changes, and be taken back again when that is no better", async () => {
    host.git.commit(BAD);
    await pass(220);
    host.git.commit(WORSE);
    await pass(10);
    assert.equal(command(), "3");
    await pass(220);
    assert.equal(command(), "1");
    host.git.commit(stackFiles("web", { app: "command: [serve, '4']", db: "" }));
    await pass(30);
    assert.equal(command(), "4");
    assert.equal(verification()?.state, "verified");
    assert.equal(quarantine(), undefined);
    // It fires on for a while.
    await pass(300);
    assert.deepEqual(firing(), []);
  });

  it("must be taken back although the repository no longer has what verified", async () => {
    host.git.commit(BAD);
    await pass(5);
    host.restart("boot");
    host.git.forget(good);
    await pass(220);
    assert.equal(command(), "1");
    assert.equal(
      host.world.containers().every(({ state }) => state === "running"),
      true,
    );
  });

  it("must get its whole time again when the host is no longer suspended, also after a restart", async () => {
    host.git.commit(BAD);
    await pass(100);
    const suspend = (suspended: boolean): string =>
      host.git.commit({ "desired-state/hosts/box.yaml": `platform: linux/amd64\nsuspend: ${suspended}\n` });
    suspend(true);
    await pass(300);
    assert.equal(quarantine(), undefined);
    host.restart();
    suspend(false);
    await pass(100);
    assert.deepEqual([quarantine(), command()], [undefined, "2"], "nobody could mend it meanwhile");
    await pass(130);
    assert.deepEqual([quarantine()?.outcome, command()], ["rolled-back", "1"]);
  });

  it("must be stopped where nothing has ever verified, and not be started again", async () => {
    host.git.commit(stackFiles("new", { app: "healthcheck: {test: [CMD, 'false']}" }));
    await pass(220);
    const app = host.world.containers().find(({ project }) => project === "new");
    assert.equal(app?.state, "exited");
    await pass(200);
    assert.equal(host.world.find(app?.id ?? "")?.state, "exited");
    assert.deepEqual(firing(), ["HoldfastRolledBack"]);
    assert.equal(host.world.containers().filter(({ project, state }) => project === "web" && state === "running").length, 2);
  });

  it("must leave what runs where nothing that was kept can be read any more: the stack has not left the repository", async () => {
    host.git.commit({ ...BAD, ...stackFiles("other", { app: "" }) });
    await pass(240);
    assert.deepEqual(host.memory().desired?.rolledBack, ["web"]);
    const ids = host.world.containers().map((item) => item.id);
    await host.kept.remove("web");
    host.restart("boot");
    await pass(120);
    assert.deepEqual(
      host.world.containers().map((item) => item.id),
      ids,
    );
    assert.equal(host.store.read(keys.removal("web")), undefined);
    assert.deepEqual(host.memory().desired?.invalid, ["web"]);
    assert.match(JSON.stringify(host.memory().desired?.findings), /nothing to go back to: no other revision of it is kept here/);
    assert.deepEqual(firing().sort(), ["HoldfastRevisionRejected", "HoldfastRolledBack"]);
  });

  describe("where only some may sign", () => {
    /** Whoever signed this revision may not any more. */
    const distrust = (...revisions: string[]): void => {
      host.git.signers = `all but ${revisions.join()}`;
      for (const revision of revisions) host.git.verdicts.set(revision, "it is signed by eve, who is not allowed");
    };
    beforeEach(() => {
      host.git.signers = "all";
    });

    it("must be taken back to the last one that is trusted still", async () => {
      const second = host.git.commit(stackFiles("web", { app: "command: [serve, '4']", db: "" }));
      await pass(20);
      host.git.commit(BAD);
      await pass(5);
      distrust(second);
      await pass(240);
      assert.equal(command(), "1", "and not the one that verified last");
      assert.equal(host.memory().desired?.stacks[0]?.revision, good);
    });

    it("must be stopped where no other is trusted, and say so", async () => {
      const bad = host.git.commit(BAD);
      await pass(5);
      distrust(good);
      await pass(240);
      assert.equal(quarantine()?.outcome, "stopped");
      assert.equal(quarantine()?.revision, bad);
      assert.match(
        quarantine()?.reason ?? "",
        /\nnot rolled back: no other revision that verified is trusted any more; [0-9a-f]{12} is not trusted: it is signed by eve/,
      );
      assert.equal(host.world.containers().find((item) => item.service === "app")?.state, "exited");
      assert.deepEqual(firing(), ["HoldfastRolledBack"]);
    });

    it("must not be healed any more once what it was taken back to is not trusted, and be when it is again", async () => {
      host.git.commit(BAD);
      await pass(240);
      assert.equal(command(), "1");
      distrust(good);
      await pass(3);
      assert.deepEqual(host.memory().desired?.invalid, ["web"]);
      assert.match(
        JSON.stringify(host.memory().desired?.findings),
        /nothing to go back to: [0-9a-f]{12} is not trusted: it is signed by eve/,
      );
      host.world.remove(id("app") ?? "");
      await pass(10);
      assert.equal(id("app"), undefined, "nothing is made from it");
      assert.equal(host.store.read(keys.removal("web")), undefined);
      host.restart("boot");
      await pass(10);
      assert.equal(id("app"), undefined);
      host.git.verdicts.clear();
      host.git.signers = "all again";
      await pass(30);
      assert.equal(command(), "1");
      assert.ok(id("app"));
    });

    it("must not be taken back by hand to what is not trusted", async () => {
      host.git.commit(stackFiles("web", { app: "command: [serve, '4']", db: "" }));
      await pass(20);
      distrust(good);
      await assert.rejects(
        rollBack("web", undefined, host.ports, host.memory(), new AbortController().signal),
        /cannot be rolled back: .*[0-9a-f]{12} is not trusted: it is signed by eve/,
      );
    });
  });

  it("must be left where the stack does not want to be rolled back", async () => {
    host.git.commit(
      stackFiles("web", { app: "command: [serve, '2']\n    healthcheck: {test: [CMD, 'false']}", db: "" }, "rollback: false\n"),
    );
    await pass(400);
    assert.equal(command(), "2");
    assert.deepEqual(firing(), ["HoldfastStackUnhealthy"]);
  });

  it("must not be taken back for an image that cannot be had", async () => {
    host.git.commit(stackFiles("web", { app: "command: [serve, '2']", db: "" }));
    const files = Object.entries(stackFiles("web", { app: "command: [serve, '2']", db: "" })).map(
      ([path, text]) => [path, text.replace("busybox:1.35", "missing:1")] as const,
    );
    host.git.commit(Object.fromEntries(files));
    await pass(600);
    assert.equal(quarantine(), undefined);
    assert.ok(firing().includes("HoldfastConvergeFailed"));
  });

  it("must be taken back with the image that verified, although its tag names another one now", async () => {
    const image = host.world.find(id("app") ?? "")?.imageId;
    host.git.commit(BAD);
    await pass(5);
    host.world.addImage("busybox:1.35", "sha256:other");
    await pass(250);
    assert.equal(command(), "1");
    assert.equal(host.world.find(id("app") ?? "")?.imageId, image);
  });
});

describe("by hand", () => {
  it("a stack must go back to what verified before, stay there, and come forward when somebody says so or it changes", async () => {
    const host = createFakeHost();
    const never = new AbortController().signal;
    const version = (): string | undefined => JSON.stringify(host.memory().desired?.stacks[0]?.model).match(/serve","(\d)/)?.[1];
    const push = (serve: string): string =>
      host.git.commit({ ...BOX, ...stackFiles("web", { app: `command: [serve, '${serve}']` }) });
    const first = push("1");
    await host.verify();
    await assert.rejects(
      rollBack("web", undefined, host.ports, host.memory(), never),
      /no other revision of it has verified here/,
    );
    push("2");
    await host.verify();
    await assert.rejects(rollBack("web", "ffff", host.ports, host.memory(), never), /ffff is none of its verified revisions/);
    assert.equal((await rollBack("web", first.slice(0, 8), host.ports, host.memory(), never)).revision, first);
    await host.verify();
    assert.equal(version(), "1");
    assert.deepEqual(host.memory().desired?.rolledBack, ["web"]);
    assert.deepEqual(host.alerting().firing(), [], "who did it knows it");
    host.restart("boot");
    host.git.commit({ "README.md": "more" });
    await host.verify();
    assert.equal(version(), "1");
    const parts = { ports: host.ports, memory: host.memory(), loop: host.loop() };
    await letTimePass(host.clock, syncHost({ stack: "web" }, parts, never, never));
    assert.equal(version(), "2");
    await host.verify();
    await rollBack("web", undefined, host.ports, host.memory(), never);
    push("3");
    await host.verify();
    assert.equal(version(), "3");
    assert.deepEqual(host.memory().desired?.rolledBack, []);
  });
});

describe("by hand, more than once", () => {
  const never = new AbortController().signal;
  let host: FakeHost;
  let revisions: string[];
  beforeEach(() => {
    host = createFakeHost();
    revisions = [];
  });

  const version = (): string | undefined => JSON.stringify(host.memory().desired?.stacks[0]?.model).match(/serve","(\d)/)?.[1];
  const back = (to?: string) => rollBack("web", to, host.ports, host.memory(), never);
  const quarantine = () => host.store.read<Quarantine>(keys.quarantine("web"));
  const atRest = () => host.memory().plan?.stacks.length === 0 && host.memory().plan?.drift.length === 0;
  async function push(...serves: string[]): Promise<void> {
    for (const serve of serves) {
      revisions.push(host.git.commit({ ...BOX, ...stackFiles("web", { app: `command: [serve, '${serve}']` }) }));
      await host.verify();
    }
  }

  it("must go one further back each time, and never to what was left; then say that there is none, and change nothing", async () => {
    await push("1", "2", "3");
    for (const expected of ["2", "1"]) {
      await back();
      await host.verify();
      assert.deepEqual([version(), atRest()], [expected, true]);
    }
    const before = JSON.stringify([...host.store.list("")]);
    await assert.rejects(
      back(),
      /^HoldfastError: stack web cannot be rolled back: no revision of it that verified before [0-9a-f]{12} is kept$/,
    );
    assert.equal(JSON.stringify([...host.store.list("")]), before);
    await host.verify();
    assert.deepEqual([version(), atRest()], ["1", true]);
  });

  it("must not go on to the newest where it was taken back by itself", async () => {
    await push("1");
    host.git.commit(BAD);
    for (let second = 0; second < 240; second += 1) {
      await host.loop().reconcile(never, { poll: second === 0, inputs: true });
      host.clock.advance(1_000);
    }
    assert.equal(version(), "1");
    await assert.rejects(back(), /no revision of it that verified before [0-9a-f]{12} is kept/);
    assert.equal(quarantine()?.byHand, undefined);
  });

  it("must lift the quarantine when the newest is what is asked for", async () => {
    await push("1", "2");
    await back();
    await host.verify();
    const newest = revisions.at(-1) ?? "";
    assert.deepEqual(await back(newest.slice(0, 8)), { revision: newest, lifted: true });
    assert.equal(quarantine(), undefined);
    await host.verify();
    assert.deepEqual([version(), atRest(), host.memory().desired?.rolledBack], ["2", true, []]);
  });

  it("must free a stack that was taken back to what it had left", async () => {
    await push("1", "2");
    await back();
    const { inputs } = quarantine() ?? {};
    host.store.write(keys.quarantine("web"), { ...quarantine(), to: inputs });
    host.restart();
    await host.verify();
    assert.deepEqual([version(), atRest()], ["1", true]);
  });

  it("must go back where the newest revision is invalid", async () => {
    await push("1", "2");
    host.git.commit({ "desired-state/stacks/web/stack.yaml": "hosts: all\nnonsense: true\n" });
    await host.verify();
    await back();
    await host.verify();
    assert.deepEqual([version(), atRest()], ["1", true]);
  });
});

describe("a stack that verified", () => {
  it("must move its verified revision along with commits that do not change it", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...GOOD });
    const tick = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        await host.tick();
        host.clock.advance(1_000);
      }
    };
    await tick(20);
    const next = host.git.commit({ "README.md": "more" });
    await tick(5);
    assert.equal(host.store.read<Verification>(keys.verification("web"))?.revision, next);
    assert.deepEqual(
      (await host.kept.list("web")).map(({ revision }) => revision),
      [next],
    );
  });

  it("that was unhealthy before Holdfast changed anything must not be stopped", async () => {
    const host = createFakeHost();
    host.git.commit({ ...BOX, ...BAD });
    await host.tick();
    host.store.remove(keys.verification("web"));
    for (let second = 0; second < 400; second += 1) {
      await host.tick();
      host.clock.advance(1_000);
    }
    assert.equal(
      host.world.containers().every(({ state }) => state === "running"),
      true,
    );
    assert.deepEqual(
      host
        .alerting()
        .firing()
        .map(({ alert }) => alert.name),
      ["HoldfastStackUnhealthy"],
    );
  });
});
