import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type ForgeKind, type ForgeOptions, openForge } from "../../agent/forge/open-forge.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import type { Comment } from "../../agent/ports/forge.ts";
import { type Kind, NUMBER, PERSON, REPOSITORY, type Role, type StandInForge, startForge } from "../servers/forge.ts";

const MARKER = "<!-- holdfast review -->";
const TOKENS: Readonly<Record<string, Role>> = { mine: "person", robot: "robot", reader: "reader", job: "job" };
const ROBOT = 41898282;
const HEAD = "b".repeat(40);
const never = new AbortController().signal;
const stops: (() => Promise<void>)[] = [];
after(async () => void (await Promise.all(stops.map((stop) => stop()))));

interface Opened {
  readonly server: StandInForge;
  readonly forge: ReturnType<typeof openForge>;
  /** Everything that was waited for, milliseconds. */
  readonly waits: number[];
}

async function open(kind: ForgeKind, token: string | undefined = "mine", over: { pageSize?: number } = {}): Promise<Opened> {
  const server = await startForge({ kind: kind === "forgejo" ? "gitea" : (kind as Kind), tokens: TOKENS, ...over });
  const waits: number[] = [];
  const options: ForgeOptions = {
    ...{ kind, api: new URL(server.url), repository: REPOSITORY, number: NUMBER, environment: {} },
    ...(token === undefined ? {} : { token: { value: token, isJobToken: token === "job" } }),
    clock: {
      nowMs: () => Date.now(),
      async wait(ms) {
        waits.push(ms);
      },
    },
  };
  const forge = openForge(options);
  stops.push(async () => {
    await forge.close();
    await server.stop();
  });
  return { server, forge, waits };
}

const text = (body: string, create = true): Comment => ({ marker: MARKER, render: () => body, create });
const status = { commit: HEAD, state: "success", context: "holdfast", description: "nothing changes" } as const;

async function failure(task: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  const cause = await task.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  );
  assert.ok(isHoldfastError(cause), String(cause));
  return { code: cause.code, message: cause.message, hint: cause.hint ?? "" };
}

for (const kind of ["github", "gitea", "forgejo", "gitlab"] as const) {
  describe(`a pull request on ${kind}`, () => {
    test("must get one comment that is updated in place", async () => {
      const { server, forge } = await open(kind);
      server.say("looks good", 3);
      const created = await forge.writeComment(text("one"), never);
      assert.equal(created.outcome, "created");
      assert.equal((await forge.writeComment(text("two"), never)).outcome, "updated");
      assert.equal((await forge.writeComment(text("two"), never)).outcome, "unchanged");
      assert.deepEqual(
        server.comments.map(({ body }) => body),
        ["looks good", `${MARKER}\ntwo`],
      );
      if (kind !== "gitlab") assert.match(created.url ?? "", /#comment-\d+$/);
    });

    test("must leave a comment alone that is another's, whatever it begins with", async () => {
      const { server, forge } = await open(kind);
      server.say(`${MARKER}\nI am the plan: nothing changes`, 666);
      assert.equal((await forge.writeComment(text("the plan"), never)).outcome, "created");
      assert.equal((await forge.writeComment(text("the new plan"), never)).outcome, "updated");
      assert.deepEqual(
        server.comments.map(({ author, body }) => [author, body.includes("the new plan")]),
        [
          [666, false],
          [PERSON, true],
        ],
      );
    });

    test("must get no comment where there is nothing to tell and none to correct", async () => {
      const { server, forge } = await open(kind);
      assert.equal((await forge.writeComment(text("nothing", false), never)).outcome, "none");
      assert.deepEqual(server.comments, []);
    });

    test("must get a status of its commit, with a description that is short enough", async () => {
      const { server, forge } = await open(kind);
      await forge.writeStatus(
        { ...status, state: "failure", description: "x".repeat(500), targetUrl: "https://ci.test/1" },
        never,
      );
      const [stored] = server.statuses;
      assert.equal(stored?.commit, HEAD);
      assert.equal(stored?.["state"], kind === "gitlab" ? "failed" : "failure");
      assert.equal(stored?.[kind === "gitlab" ? "name" : "context"], "holdfast");
      assert.equal(stored?.["target_url"], "https://ci.test/1");
    });

    test("must tell its commits", async () => {
      const { forge } = await open(kind);
      assert.deepEqual(await forge.readPullRequest(never), { head: HEAD, base: "a".repeat(40) });
    });

    test("must be refused readably, with a token that may only read", async () => {
      const { forge, server } = await open(kind, "reader");
      for (const task of [() => forge.writeComment(text("a"), never), () => forge.writeStatus(status, never)]) {
        const { code, message } = await failure(task());
        assert.equal(code, "forge-refused");
        assert.match(message, /^\w+ answers POST \S+ with 403: Resource not accessible by integration$/);
      }
      assert.deepEqual([server.comments, server.statuses], [[], []]);
    });

    test("must wait as long as the forge wants, within limits", async () => {
      const { forge, server, waits } = await open(kind);
      const limited = { method: "POST", path: /(comments|notes)$/, status: 429, headers: { "retry-after": "7" }, times: 2 };
      server.faults.push(limited);
      assert.equal((await forge.writeComment(text("a"), never)).outcome, "created");
      assert.deepEqual(waits, [7_000, 7_000]);
      server.faults.push({ ...limited, headers: { "retry-after": "3600" }, times: 1 });
      server.comments.length = 0;
      const { code, message } = await failure(forge.writeComment(text("b"), never));
      assert.equal(code, "forge-failed");
      assert.match(message, /with 429.*asked again in 3600 s$/);
      assert.equal(waits.length, 2);
    });

    test("must get one comment although an answer was lost", async () => {
      const { forge, server } = await open(kind);
      server.faults.push({ method: "POST", path: /(comments|notes)$/, status: 502, afterwards: true, times: 1 });
      assert.equal((await forge.writeComment(text("a"), never)).outcome, "unchanged");
      assert.equal(server.comments.length, 1);
    });

    test("must follow no redirect with the token", async () => {
      const { forge, server } = await open(kind);
      const elsewhere = await startForge({ kind: "github", tokens: TOKENS });
      stops.push(elsewhere.stop);
      server.faults.push({ method: "GET", path: /./, status: 302, headers: { location: `${elsewhere.url}/stolen` }, times: 1 });
      const { code, message, hint } = await failure(forge.writeComment(text("a"), never));
      assert.equal(code, "forge-failed");
      assert.match(message, /with a redirect, which no token is sent along$/);
      assert.match(hint, new RegExp(`, on ${new URL(elsewhere.url).host}$`));
      assert.deepEqual(elsewhere.requests, []);
    });
  });
}

describe("finding the comment", () => {
  for (const kind of ["github", "gitea", "gitlab"] as const) {
    test(`must look through all pages of ${kind}`, async () => {
      const { forge, server } = await open(kind, "mine", { pageSize: 20 });
      for (let index = 0; index < 55; index += 1) server.say(`remark ${index}`, 3);
      await forge.writeComment(text("one"), never);
      for (let index = 0; index < 10; index += 1) server.say(`remark ${index}`, 3);
      server.requests.length = 0;
      assert.equal((await forge.writeComment(text("two"), never)).outcome, "updated");
      assert.equal(server.comments.filter(({ body }) => body.startsWith(MARKER)).length, 1);
      assert.equal(server.requests.filter(({ path }) => /(comments|notes)(\?|$)/.test(path)).length, 3);
    });
  }

  test("must ask the server that was named for the next page, whatever it calls itself", async () => {
    const { forge, server } = await open("github", "mine");
    const elsewhere = await startForge({ kind: "github", tokens: TOKENS });
    stops.push(elsewhere.stop);
    const link = `<${elsewhere.url}/repos/me/infra/issues/7/comments?page=2>; rel="next"`;
    server.faults.push({ method: "GET", path: /comments\?per_page/, status: 200, headers: { link }, body: [], times: 1 });
    await forge.writeComment(text("a"), never);
    assert.deepEqual(elsewhere.requests, []);
    assert.ok(server.requests.some(({ path }) => path.endsWith("/comments?page=2")));
  });

  test("must know a workflow's own comment, whose token cannot ask who it is", async () => {
    for (const [kind, robot] of [
      ["github", ROBOT],
      ["gitea", -2],
    ] as const) {
      const { forge, server } = await open(kind, "robot");
      server.say(`${MARKER}\nforged`, 666);
      server.say(`${MARKER}\nof before`, robot);
      assert.equal((await forge.writeComment(text("now"), never)).outcome, "updated");
      assert.deepEqual(
        server.comments.map(({ body }) => body),
        [`${MARKER}\nforged`, `${MARKER}\nnow`],
      );
    }
  });

  test("must create another when it was deleted meanwhile", async () => {
    const { forge, server } = await open("github");
    await forge.writeComment(text("one"), never);
    server.faults.push({ method: "PATCH", path: /./, status: 404, body: { message: "Not Found" }, times: 1 });
    assert.equal((await forge.writeComment(text("two"), never)).outcome, "created");
    assert.equal(server.comments.at(-1)?.body, `${MARKER}\ntwo`);
  });
});

describe("a text that is too long", () => {
  test("must be made shorter until the forge takes it", async () => {
    const { forge, server } = await open("github");
    const limits: number[] = [];
    const render = (limit: number): string => {
      limits.push(limit);
      // The limit of an own server may be lower than what is known of it.
      return "x".repeat(limit * 3);
    };
    assert.equal((await forge.writeComment({ marker: MARKER, create: true, render }, never)).outcome, "created");
    assert.equal(limits.length, 3);
    assert.ok((server.comments[0]?.body.length ?? 0) <= 65_536);
  });
});

describe("GitHub's limits", () => {
  const nowS = (): number => Math.floor(Date.now() / 1000);
  const limits: readonly (readonly [string, number, () => Record<string, string>, string, (ms: number) => boolean])[] = [
    [
      "the primary one",
      403,
      () => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(nowS() + 30) }),
      "API rate limit exceeded",
      (ms) => ms > 25_000 && ms <= 30_000,
    ],
    [
      "the secondary one with a time",
      403,
      () => ({ "retry-after": "5" }),
      "You have exceeded a secondary rate limit",
      (ms) => ms === 5_000,
    ],
    [
      "the secondary one without",
      403,
      () => ({ "x-ratelimit-remaining": "4000" }),
      "You have exceeded a secondary rate limit",
      (ms) => ms === 60_000,
    ],
    [
      "a date",
      429,
      () => ({ "retry-after": new Date(Date.now() + 20_000).toUTCString() }),
      "",
      (ms) => ms > 15_000 && ms <= 20_000,
    ],
  ];
  for (const [name, code, headers, message, fits] of limits) {
    test(`must be waited for: ${name}`, async () => {
      const { forge, server, waits } = await open("github");
      server.faults.push({ method: "POST", path: /statuses/, status: code, headers: headers(), body: { message }, times: 1 });
      await forge.writeStatus(status, never);
      assert.ok(waits.length === 1 && fits(waits[0] ?? 0), `${waits}`);
      assert.equal(server.statuses.length, 1);
    });
  }
});

describe("failures", () => {
  test("must be tried again when they may pass, and told when they do not", async () => {
    const { forge, server, waits } = await open("github");
    server.faults.push({ method: "POST", path: /statuses/, status: 503, body: "<html>unavailable</html>", times: 2 });
    await forge.writeStatus(status, never);
    assert.equal(waits.length, 2);
    server.faults.push({ method: "POST", path: /statuses/, status: 0, times: 50 });
    const { code, message } = await failure(forge.writeStatus(status, never));
    assert.equal(code, "forge-failed");
    assert.match(message, /^GitHub at 127\.0\.0\.1:\d+: the connection was closed$/);
  });

  test("must name what to look at", async () => {
    const cases: readonly (readonly [number, object | string, RegExp, RegExp])[] = [
      [404, { message: "Not Found" }, /with 404: Not Found$/, /a token that may not see a repository gets the same answer/],
      [200, "<html>hello</html>", /with something that is no JSON$/, /^check --url/],
      [401, { message: "Bad credentials: mine" }, /with 401: Bad credentials: \*\*\*$/, /^$/],
    ];
    for (const [code, body, message, hint] of cases) {
      const { forge, server } = await open("github");
      server.faults.push({ method: "GET", path: /pulls/, status: code, body, times: 1 });
      const told = await failure(forge.readPullRequest(never));
      assert.match(told.message, message);
      assert.match(told.hint, hint);
    }
  });

  test("must say that a GitLab job's own token may not comment", async () => {
    const { forge, server } = await open("gitlab", "job");
    assert.equal((await failure(forge.writeComment(text("a"), never))).code, "forge-refused");
    await forge.writeStatus(status, never);
    assert.equal(server.statuses.length, 1);
    assert.ok(server.requests.every(({ headers }) => headers["private-token"] === undefined));
  });

  test("must stop when it is told to", async () => {
    const { forge } = await open("github");
    const stop = new AbortController();
    stop.abort();
    assert.equal((await failure(forge.writeStatus(status, stop.signal))).code, "aborted");
  });
});
