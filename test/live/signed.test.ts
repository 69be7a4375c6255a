import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { type Gpg, type GpgKey, startGpg } from "../git/gpg-fixture.ts";
import { createSigner, mergeSigned, type Signer, writeSigners } from "../git/signed-fixture.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const PATIENT = { timeoutMs: 90_000, intervalMs: 100 };

describe("a host that takes only what is signed", () => {
  const stop = new AbortController();
  const stackFile = "desired-state/stacks/web/compose.yaml";
  let [directory, gpg, host]: [string, Gpg | undefined, Host | undefined] = ["", undefined, undefined];
  let ann: Signer;
  let forge: GpgKey;
  let running: Promise<void> | undefined;

  before(async () => {
    directory = createTemporaryDirectory("hf-signers-");
    gpg = startGpg();
    ann = createSigner(directory, "ann");
    forge = gpg.createKey("forge");
    const keyring = join(directory, "signers.asc");
    writeFileSync(keyring, gpg.export([forge]));
    const flags = { "repository-allowed-signers": writeSigners(directory, [ann]), "repository-gpg-keyring": keyring };
    host = await startHost({ intervalMs: 500, flags });
    running = host.run(stop.signal);
    running.catch(() => undefined);
  });
  after(async () => {
    stop.abort();
    await running?.catch(() => undefined);
    await host?.stop();
    gpg?.stop();
    removeTemporaryDirectory(directory);
  });

  const theHost = (): Host => host ?? assert.fail("not started");
  const push = (round: string, signed = true): Promise<string> =>
    theHost().repository.commit(
      { [stackFile]: compose({ app: `environment: {ROUND: ${round}}` }) },
      signed ? { signingKeyFile: ann.keyFile } : {},
    );
  const inspect = async (): Promise<{ id: string; round: string | undefined; running: boolean }> => {
    const format = '{"id":{{json .Id}},"running":{{.State.Running}},"env":{{json .Config.Env}}}';
    const { id, running: up, env } = JSON.parse(await theHost().docker("inspect", "-f", format, "web-app-1"));
    return { id, running: up, round: env.find((item: string) => item.startsWith("ROUND="))?.slice("ROUND=".length) };
  };
  const runs = (round: string): Promise<unknown> =>
    waitUntil(
      `the container of ${round} runs`,
      async () => {
        const now = await inspect();
        return now.running && now.round === round;
      },
      PATIENT,
    );
  const rejected = (reason: RegExp): Promise<unknown> =>
    waitUntil(
      `the alert says ${reason}`,
      async () => (await theHost().alerts()).some(({ name, text }) => name === "HoldfastRevisionRejected" && reason.test(text)),
      PATIENT,
    );
  const resolved = (): Promise<unknown> =>
    waitUntil(
      "the alert has ended",
      async () => (await theHost().alerts()).every(({ name }) => name !== "HoldfastRevisionRejected"),
      PATIENT,
    );
  /** What is removed by hand comes back as it was in force, while the newest revision is refused. */
  async function assertHealed(round: string): Promise<void> {
    const { id } = await inspect();
    await theHost().docker("rm", "-f", "web-app-1");
    await runs(round);
    assert.notEqual((await inspect()).id, id);
  }

  it("must converge what an allowed signer pushed", async () => {
    await theHost().repository.commit(
      {
        "desired-state/fleet.yaml": fleet(theHost()),
        "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
        "desired-state/stacks/web/stack.yaml": "hosts: all\n",
        [stackFile]: compose({ app: "environment: {ROUND: one}" }),
      },
      { signingKeyFile: ann.keyFile },
    );
    await runs("one");
  });

  it("must refuse what nobody signed, leave the containers, heal them, and say why", async () => {
    const { id } = await inspect();
    const unsigned = await push("two", false);
    await rejected(
      new RegExp(`^box: revision ${unsigned.slice(0, 12)} is rejected\nthe commit ${unsigned.slice(0, 12)} is not signed`),
    );
    assert.deepEqual(await inspect(), { id, round: "one", running: true });
    await assertHealed("one");
    assert.equal(theHost().memory().rejected?.revision, unsigned);
  });

  it("must take the next signed push, and end the alert", async () => {
    await push("three");
    await runs("three");
    await resolved();
  });

  it("must refuse an old signed commit that is pushed back, and go on from the newest", async () => {
    const { repository } = theHost();
    const [newest, signed] = [await repository.resolve("main"), await repository.resolve("main~2")];
    assert.ok(newest !== undefined && signed !== undefined);
    await repository.git(["update-ref", "refs/heads/main", signed]);
    await rejected(
      new RegExp(`${signed.slice(0, 12)} does not descend from ${newest.slice(0, 12)}, .* the history was rewritten`),
    );
    await assertHealed("three");
    await repository.git(["update-ref", "refs/heads/main", newest]);
    await resolved();
    assert.equal((await inspect()).round, "three");
  });

  it("must take a merge that a forge signed with OpenPGP", async () => {
    const { repository } = theHost();
    const change = { [stackFile]: compose({ app: "environment: {ROUND: four}" }) };
    const main = await repository.resolve("main");
    const contribution = await repository.commit(change, { branch: "contribution", parent: main ?? null });
    const merge = mergeSigned(repository.path, forge, contribution);
    await runs("four");
    await waitUntil("it is in force", () => theHost().memory().desired?.revision === merge, PATIENT);
    await resolved();
  });

  it("must hold what is in force when its key is taken out, and go on when it is back", async () => {
    await push("five");
    await runs("five");
    const stranger = createSigner(directory, "stranger");
    writeSigners(directory, [stranger]);
    await rejected(/is signed by the key SHA256:\S+, which .*allowed_signers does not allow/);
    await theHost().docker("rm", "-f", "web-app-1");
    await waitUntil(
      "the missing container is told, and why it is left so",
      async () =>
        theHost()
          .memory()
          .plan?.stacks.some(({ held }) => held?.reason === "unverified"),
      PATIENT,
    );
    await assert.rejects(inspect());
    writeSigners(directory, [stranger, ann]);
    await runs("five");
    await resolved();
  });

  it("must still have it after refused pushes have made its Git copy anew, and after a boot", async () => {
    stop.abort();
    await running;
    const { repository, memory, tick, restart } = theHost();
    const revision = memory().desired?.revision;
    for (let round = 0; round < 35; round += 1) {
      const change = { [stackFile]: compose({ app: `environment: {ROUND: stolen-${round}}` }) };
      await repository.commit(change, { parent: null });
      // The server has nothing of the old history any more.
      if (round === 0) await repository.git(["gc", "--quiet", "--prune=now"]);
      assert.equal(await tick(), "invalid");
    }
    const packs = readdirSync(join(theHost().directory, "state/git/objects/pack")).filter((name) => name.endsWith(".pack"));
    assert.ok(packs.length < 30, `made anew: ${packs.length} packs`);
    assert.equal(await repository.resolve(revision ?? ""), undefined);
    rmSync(join(theHost().directory, "run"), { recursive: true });
    restart();
    await theHost().docker("rm", "-f", "web-app-1");
    assert.equal(await tick(), "invalid");
    await runs("five");
    assert.equal(theHost().memory().desired?.revision, revision);
  });
});
