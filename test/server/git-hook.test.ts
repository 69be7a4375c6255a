import assert from "node:assert/strict";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  type Delivery,
  fromGitea,
  fromGitHub,
  fromGitLab,
  type PushOptions,
  pingFromGitHub,
  pushFromGitea,
  pushFromGitHub,
  pushFromGitLab,
  SECRET,
  sign,
  toForm,
} from "./deliveries.ts";
import { type Http, type Reply, startHttp } from "./start-http.ts";
import { writeSecret } from "./write-secret.ts";

const FORGES: Readonly<Record<string, (options?: PushOptions) => Delivery>> = {
  GitHub: pushFromGitHub,
  Gitea: (options) => pushFromGitea("Gitea", options),
  Forgejo: (options) => pushFromGitea("Forgejo", options),
  Gogs: (options) => pushFromGitea("Gogs", options),
  GitLab: pushFromGitLab,
};
const WITH_FORMS = ["GitHub", "Gitea", "Forgejo", "Gogs"];
const ACCEPTED = "202 accepted: refs/heads/main; the repository is asked";
const MIB = 1024 * 1024;

describe("the webhook of the Git server", () => {
  let file: string;
  let http: Http;
  beforeEach(async () => {
    file = writeSecret(SECRET);
    http = await startHttp({ "webhook-secret-file": file });
  });
  afterEach(() => http.stop());

  const told = ({ status, body }: Reply): string => `${status} ${body.trim()}`;
  async function deliver({ headers, body }: Delivery, more: Readonly<Record<string, string>> = {}): Promise<string> {
    return told(await http.ask("/hooks/git", { method: "POST", headers: { ...headers, ...more }, body }));
  }
  async function assertRefused(delivery: Delivery, answer: RegExp): Promise<void> {
    assert.match(await deliver(delivery), answer);
    assert.equal(http.nudges(), 0);
  }

  for (const [forge, push] of Object.entries(FORGES)) {
    describe(`from ${forge}`, () => {
      it("a push to the branch must have the repository asked, and be told", async () => {
        assert.equal(await deliver(push()), ACCEPTED);
        assert.equal(http.nudges(), 1);
        const [line] = http.log.filter(({ msg }) => msg === "woken by a push");
        assert.deepEqual([line?.level, line?.["ref"]], ["info", "refs/heads/main"]);
      });

      it("the branch being deleted must have it asked too, since that is news", async () => {
        assert.equal(await deliver(push({ deleted: true })), ACCEPTED);
      });

      for (const ref of ["refs/heads/next", "refs/heads/main2", "refs/heads/me/main", "refs/tags/main", "refs/tags/v1.0.0"]) {
        it(`a push to ${ref} must be ignored with a word`, async () => {
          assert.equal(await deliver(push({ ref })), `200 ignored: ${ref} is not followed here`);
          assert.equal(http.nudges(), 0);
        });
      }

      for (const secret of ["wrong", "", SECRET.toUpperCase(), `${SECRET}x`, SECRET.slice(1)]) {
        it(`a push with the secret ${JSON.stringify(secret)} must be refused`, () =>
          assertRefused(push({ secret }), /^401 its? (carries no signature|signature is wrong): give the forge the secret/));
      }

      if (forge !== "GitLab") {
        it("a push whose body was changed on its way must be refused", async () => {
          const { headers, body } = push({ ref: "refs/heads/next" });
          await assertRefused({ headers, body: body.replace("heads/next", "heads/main") }, /^401 its signature is wrong/);
        });
      }
      if (WITH_FORMS.includes(forge)) {
        it("a push as a form must do the same", async () => {
          assert.equal(await deliver(push({ form: true })), ACCEPTED);
          assert.equal(
            await deliver(push({ form: true, ref: "refs/heads/next" })),
            "200 ignored: refs/heads/next is not followed here",
          );
          assert.match(await deliver(push({ form: true, secret: "wrong" })), /^401 its signature is wrong/);
          assert.equal(http.nudges(), 1);
        });
      }
    });
  }

  it("a tag must have the repository asked where tags are followed, and a branch must not", async () => {
    const tagged = await startHttp({ "webhook-secret-file": file, "repository-tag": "v1.*" });
    try {
      for (const push of Object.values(FORGES)) {
        const before = tagged.nudges();
        const send = async (ref: string): Promise<number> => {
          const { headers, body } = push({ ref });
          return (await tagged.ask("/hooks/git", { method: "POST", headers, body })).status;
        };
        assert.equal(await send("refs/tags/v1.2.3"), 202);
        for (const ref of ["refs/tags/v2.0.0", "refs/tags/xv1.2", "refs/heads/v1.2", "refs/heads/main"])
          assert.equal(await send(ref), 200);
        assert.equal(tagged.nudges(), before + 1);
      }
    } finally {
      await tagged.stop();
    }
  });

  for (const [what, delivery, answer] of [
    ["GitHub's ping", pingFromGitHub(), /^200 pong: /],
    ["GitHub's ping as a form", pingFromGitHub({ form: true }), /^200 pong: /],
    ["an issue", fromGitHub("issues", { action: "opened", ref: "refs/heads/main" }), /^200 ignored: issues is no push$/],
    [
      "a pull request of Gitea",
      fromGitea("Gitea", "pull_request", { action: "opened" }),
      /^200 ignored: pull_request is no push$/,
    ],
    [
      "a merge request",
      fromGitLab("Merge Request Hook", { object_kind: "merge_request" }),
      /^200 ignored: Merge Request Hook is no/,
    ],
    [
      "a system hook about a user",
      fromGitLab("System Hook", { event_name: "user_create" }),
      /^200 ignored: user_create is no push$/,
    ],
    [
      "a system hook about another branch",
      pushFromGitLab({ system: true, ref: "refs/heads/x" }),
      /^200 ignored: refs\/heads\/x is/,
    ],
    ["an event that prints badly", fromGitHub("a\u009bb", {}), /^200 ignored: a\S*\?b is no push$/],
    ["a payload that is no JSON", signed("hello"), /^400 the payload is neither a JSON object nor a form/],
    ["a payload that is a list", signed("[]"), /^400 /],
    ["a form without a payload", { ...signed("a=b"), headers: formHeaders("a=b") }, /^400 /],
    ["GitHub's push without the secret", pushFromGitHub({ secret: "x" }), /^401 its signature is wrong/],
  ] as const) {
    it(`${what} must have nothing asked`, () => assertRefused(delivery, answer));
  }

  for (const [what, delivery, answer] of [
    ["GitLab's system hook of a push", pushFromGitLab({ system: true }), ACCEPTED],
    ["Gitea's new branch, whose ref is short", fromGitea("Gitea", "create", { ref: "main", ref_type: "branch" }), ACCEPTED],
    ["Forgejo's deleted branch", fromGitea("Forgejo", "delete", { ref: "refs/heads/main", ref_type: "branch" }), ACCEPTED],
    ["an empty body of somebody who uses no forge", signed(""), "202 accepted: a push; the repository is asked"],
    ["a payload that names no ref", signed("{}"), "202 accepted: a push; the repository is asked"],
  ] as const) {
    it(`${what} must have the repository asked`, async () => {
      assert.equal(await deliver(delivery), answer);
      assert.equal(http.nudges(), 1);
    });
  }

  it("a new tag of a name like the branch must not be taken for it", () =>
    assertRefused(fromGitea("Gitea", "create", { ref: "main", ref_type: "tag" }), /^200 ignored: refs\/tags\/main is not/));

  for (const [what, headers] of [
    ["no signature", {}],
    ["an empty one", { "x-hub-signature-256": "" }],
    ["one without digits", { "x-hub-signature-256": "sha256=" }],
    ["SHA-1 only", { "x-hub-signature": `sha1=${"0".repeat(40)}` }],
    ["one that is too short", { "x-gitea-signature": sign("{}").slice(2) }],
    ["one that is too long", { "x-gitea-signature": `${sign("{}")}00` }],
    ["one that is no hexadecimal", { "x-gogs-signature": "z".repeat(64) }],
    ["the secret as a signature", { "x-gogs-signature": SECRET }],
    ["the signature of something else", { "x-forgejo-signature": sign("[]") }],
    ["the signature as a token", { "x-gitlab-token": sign("{}") }],
    ["an empty token", { "x-gitlab-token": "" }],
    ["the token for readers", { authorization: `Bearer ${SECRET}` }],
  ] as const) {
    it(`a request with ${what} must be refused`, () => assertRefused({ headers: { ...headers }, body: "{}" }, /^401 it/));
  }

  it("who is refused must be told of in the log, once a minute at most, without anything secret", async () => {
    for (let round = 0; round < 10; round += 1) await deliver(pushFromGitLab({ secret: "wrong" }));
    const lines = http.log.filter(({ msg }) => msg === "webhook refused");
    assert.deepEqual(
      lines.map(({ level, remote, agent, problem }) => [level, remote, agent, problem]),
      [["warn", "127.0.0.1", "GitLab/18.5.1", "its signature is wrong"]],
    );
    assert.ok(!JSON.stringify(http.log).includes(SECRET));
  });

  it("needs no token, and does not answer without the right Host header", async () => {
    const open = await startHttp({ "webhook-secret-file": file, listen: "0.0.0.0:0", "token-file": writeSecret("t") });
    const { headers, body } = pushFromGitHub();
    const send = async (host: string) =>
      (await open.ask("/hooks/git", { method: "POST", headers: { ...headers, host }, body })).status;
    assert.equal(await send("127.0.0.1"), 202);
    assert.equal(await send("evil.example"), 421);
    await open.stop();
  });

  it("must take nothing but a POST", async () => {
    const reply = await http.ask("/hooks/git?payload=%7B%7D");
    assert.deepEqual([reply.status, reply.headers["allow"]], [405, "POST"]);
  });

  describe("the secret's file", () => {
    it("must count anew with each request, so that the secret can be changed", async () => {
      assert.equal(await deliver(pushFromGitHub()), ACCEPTED);
      writeFileSync(file, "another secret\n");
      assert.match(await deliver(pushFromGitHub()), /^401 /);
      assert.equal(await deliver(pushFromGitHub({ secret: "another secret" })), ACCEPTED);
    });

    for (const [what, spoil, problem] of [
      ["is gone", () => rmSync(file), /there is no such file; create it/],
      ["is readable for others", () => chmodSync(file, 0o604), /the file has mode 604, .*; run: chmod 600 \//],
      ["is empty, which would be a secret that everybody knows", () => writeFileSync(file, "\n"), /the file is empty/],
    ] as const) {
      it(`that ${what} must be a 503 and a line in the log`, async () => {
        spoil();
        for (const secret of [SECRET, ""]) {
          await assertRefused(pushFromGitHub({ secret }), /^503 the secret cannot be read; the agent's log says why$/);
          await assertRefused(pushFromGitea("Gitea", { secret }), /^503 /);
          await assertRefused(pushFromGitLab({ secret }), /^503 /);
        }
        const errors = http.log.filter(({ level }) => level === "error");
        assert.equal(errors.length, 1);
        assert.match(String(errors[0]?.["problem"]), problem);
        assert.equal(http.warnings.list().length, 1);
      });
    }
  });

  describe("a large body", () => {
    /** A push whose commits make it this long. */
    const large = (bytes: number, ref = "refs/heads/main"): Delivery => {
      const padding = bytes - JSON.stringify({ ref, padding: "" }).length;
      return fromGitHub("push", { padding: "x".repeat(padding), ref });
    };

    it("of 1 MiB must be read", async () => {
      assert.equal(await deliver(large(MIB)), ACCEPTED);
      assert.match(await deliver(large(MIB, "refs/heads/next")), /^200 ignored/);
    });

    it("beyond that must be checked, and wake whatever branch it is of, since nobody looks for it", async () => {
      for (const bytes of [MIB + 1, 25 * MIB]) {
        assert.equal(await deliver(large(bytes, "refs/heads/next")), "202 accepted: a large push; the repository is asked");
      }
      assert.equal(http.nudges(), 2);
      const { headers, body } = large(MIB + 1);
      await deliver({ headers, body: body.replace("xx", "xy") });
      await deliver({ headers: { ...headers, "X-Hub-Signature-256": `sha256=${sign("")}` }, body });
      assert.equal(http.nudges(), 2);
    });

    it("beyond 25 MiB must be refused with a word, announced or not, signed or not", async () => {
      const { headers } = pushFromGitHub();
      const tooLarge = /^413 the payload is larger than 26214400 bytes, so that its signature was not checked$/;
      await assertRefused({ headers: { ...headers, "content-length": String(25 * MIB + 1) }, body: "{" }, tooLarge);
      const body = `{${" ".repeat(25 * MIB)}}`;
      await assertRefused({ headers: { ...headers, "transfer-encoding": "chunked" }, body }, tooLarge);
      await assertRefused({ headers: { "transfer-encoding": "chunked" }, body }, tooLarge);
    });
  });

  function signed(body: string): Delivery {
    return { headers: { "x-hub-signature-256": `sha256=${sign(body)}` }, body };
  }
  function formHeaders(body: string): Record<string, string> {
    return { ...signed(body).headers, "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  }

  it("the signature of a form's payload must not do for anything else", async () => {
    const payload = JSON.stringify({ ref: "refs/heads/main" });
    const headers = { "x-gitea-signature": sign(payload), "x-gitea-event": "push" };
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    assert.equal(await deliver({ headers: form, body: toForm(payload) }), ACCEPTED);
    assert.match(await deliver({ headers, body: toForm(payload) }), /^401 /);
    assert.match(await deliver({ headers: form, body: `${toForm("{}")}&${toForm(payload)}` }), /^401 /);
    assert.equal(http.nudges(), 1);
  });
});
