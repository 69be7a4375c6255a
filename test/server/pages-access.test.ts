import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { BOX, stackFiles } from "../reconcile/fake-host.ts";
import { createCertificate } from "../servers/certificate.ts";
import { type ServedHost, startAgent } from "./start-agent.ts";
import { type AskOptions, ask, type Reply } from "./start-http.ts";
import { writeSecret } from "./write-secret.ts";

const FORM = "application/x-www-form-urlencoded";

describe("who may do what on the pages", () => {
  const started: ServedHost[] = [];
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop();
  });
  async function start(flags: Readonly<Record<string, string>> = {}): Promise<ServedHost> {
    const agent = await startAgent({ flags, isTimeStill: true });
    started.push(agent);
    agent.host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }) });
    assert.equal(await agent.host.settle(), "converged");
    return agent;
  }

  /** What a browser sends for a form of this page. */
  const fromHere = (agent: ServedHost): Record<string, string> => ({
    origin: agent.url,
    "sec-fetch-site": "same-origin",
    "content-type": FORM,
  });
  const send = (agent: ServedHost, path: string, fields: Readonly<Record<string, string>>, headers = {}): Promise<Reply> =>
    agent.ask(path, {
      method: "POST",
      body: new URLSearchParams(fields).toString(),
      headers: { ...fromHere(agent), ...headers },
    });
  const cookieOf = ({ headers }: Reply): string => String(headers["set-cookie"] ?? "");

  interface Person {
    readonly cookie: string;
    readonly form: string;
    get(path: string, options?: AskOptions): Promise<Reply>;
    post(path: string, fields?: Readonly<Record<string, string>>, headers?: object): Promise<Reply>;
  }
  async function signIn(agent: ServedHost): Promise<Person> {
    const reply = await send(agent, "/login", { token: agent.token });
    assert.equal(reply.status, 303, reply.body);
    const [cookie = ""] = cookieOf(reply).split(";");
    const get = (path: string, options: AskOptions = {}): Promise<Reply> =>
      agent.ask(path, { ...options, headers: { cookie, ...options.headers } });
    const [, form = ""] = /name="form" value="([^"]+)"/.exec((await get("/")).body) ?? [];
    assert.match(form, /^[\w-]{40,}$/);
    return {
      cookie,
      form,
      get,
      post: (path, fields = {}, headers = {}) => send(agent, path, { form, ...fields }, { cookie, ...headers }),
    };
  }

  describe("on a loopback address", () => {
    let agent: ServedHost;
    beforeEach(async () => {
      agent = await start();
    });

    it("everybody must be able to look, and nobody must find a button", async () => {
      for (const path of ["/", "/stacks/web", "/fleet"]) {
        const { status, headers, body } = await agent.ask(path);
        assert.deepEqual([status, headers["content-type"]], [200, "text/html; charset=utf-8"]);
        assert.ok(!/<button|<form/.test(body), path);
      }
    });

    it("a secret in the address of a probe that has not run yet must be shown to nobody", async () => {
      const verify = "hostEnvFiles: [web.env]\nverify: {probes: [{http: {url: 'http://127.0.0.1:81/?key=${PROBE_KEY}'}}]}\n";
      agent.host.env.set("web.env", "PROBE_KEY=Vq7-correct-horse\n");
      agent.host.git.commit(stackFiles("web", { app: "" }, verify));
      await agent.host.settle();
      // As after a start.
      agent.host.memory().probes.clear();
      const { body } = await agent.ask("/stacks/web");
      assert.match(body, /http:\/\/127\.0\.0\.1:81\/\?key=\*\*\*<.*has not run yet/s);
      assert.ok(!body.includes("Vq7"), body);
    });

    it("every page must run nothing but the agent's own script and style, and be framed by nobody", async () => {
      for (const path of ["/", "/stacks/web", "/fleet", "/login", "/stacks/none"]) {
        const { headers, body } = await agent.ask(path);
        const policy = String(headers["content-security-policy"]);
        assert.match(policy, /^default-src 'none';.*frame-ancestors 'none'.*script-src 'self'; style-src 'self'$/);
        assert.ok(!/unsafe|\*|https?:|data:/.test(policy));
        assert.deepEqual(
          [headers["x-content-type-options"], headers["referrer-policy"], headers["cache-control"]],
          ["nosniff", "same-origin", "no-store"],
        );
        assert.ok(!/ style=| on\w+=|<style|<script>|javascript:/.test(body), path);
        for (const [, target] of body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
          const asset = await agent.ask(target?.replaceAll("&amp;", "&") ?? "");
          assert.deepEqual([asset.status, asset.headers["x-content-type-options"]], [200, "nosniff"], target);
          assert.match(String(asset.headers["cache-control"]), /immutable/);
        }
      }
    });

    it("the engine must not be asked for a page, but for a log that somebody may read", async () => {
      const person = await signIn(agent);
      const calls = (): number => agent.host.engine.calls.length;
      const before = calls();
      for (const path of ["/", "/stacks/web", "/fleet", "/stacks/web?log=web-app-1"]) await agent.ask(path);
      for (const path of ["/", "/stacks/web", "/fleet"]) await person.get(path);
      assert.equal(calls(), before);
      assert.match((await person.get("/stacks/web?log=web-app-1")).body, /Last lines of web-app-1/);
      assert.ok(calls() > before);
    });

    it("the cookie must be out of reach of scripts and other sites, and say nothing of the token", async () => {
      const reply = await send(agent, "/login", { token: agent.token, next: "/stacks/web?a=b" });
      assert.equal(reply.headers["location"], "/stacks/web?a=b");
      const { port } = new URL(agent.url);
      assert.match(
        cookieOf(reply),
        new RegExp(`^holdfast-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200$`),
      );
      assert.ok(!cookieOf(reply).includes(agent.token));
      const another = await send(agent, "/login", { token: agent.token });
      assert.notEqual(cookieOf(another), cookieOf(reply));
    });

    for (const next of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example/",
      "/\t/evil.example",
      "javascript:alert(1)",
      "/..//evil.example",
    ]) {
      it(`signing in must not lead elsewhere: ${JSON.stringify(next)}`, async () => {
        const location = String((await send(agent, "/login", { token: agent.token, next })).headers["location"]);
        assert.equal(new URL(location, agent.url).origin, agent.url, location);
        assert.ok(location.startsWith("/") && !location.startsWith("//"), location);
      });
    }

    it("who has signed in must suspend, resume and reconcile with the forms", async () => {
      const person = await signIn(agent);
      const suspended = await person.post("/stacks/web/suspend", { for: "1h", reason: "a disk" });
      assert.deepEqual([suspended.status, suspended.headers["location"]], [303, "/stacks/web?done=suspend"]);
      assert.deepEqual(
        agent.api.status().holds.map(({ stack, reason }) => [stack, reason]),
        [["web", "a disk"]],
      );
      assert.equal((await person.post("/stacks/web/resume")).status, 303);
      assert.equal((await person.post("/suspend", { for: "", reason: "" })).status, 303);
      assert.equal(agent.api.status().holds[0]?.stack, undefined);
      assert.equal((await person.post("/resume")).status, 303);
      assert.equal((await person.post("/sync")).headers["location"], "/?done=sync");
      assert.equal((await person.post("/stacks/wev/suspend")).status, 404);
      assert.equal((await person.post("/stacks/web/suspend", { for: "soon" })).status, 400);
      assert.deepEqual(agent.api.status().holds, []);
    });

    it("a form of another site, of another session or without what only our pages know must change nothing", async () => {
      const [person, other] = [await signIn(agent), await signIn(agent)];
      for (const [what, fields, headers] of [
        ["another origin", {}, { origin: "http://evil.example" }],
        ["another port", {}, { origin: "http://127.0.0.1:1" }],
        ["no origin that a browser would tell", {}, { origin: "null" }],
        ["another site", {}, { "sec-fetch-site": "cross-site" }],
        ["another name of the same site", {}, { "sec-fetch-site": "same-site" }],
        ["no word of our page", { form: "" }, {}],
        ["the word of another session", { form: other.form }, {}],
      ] as const) {
        const reply = await person.post("/suspend", fields, headers);
        assert.equal(reply.status, 403, what);
      }
      assert.equal((await person.post("/suspend", {}, { "content-type": "text/plain" })).status, 415);
      assert.equal((await person.post("/suspend", { reason: "x".repeat(9_000) })).status, 413);
      const none = await agent.ask("/suspend", {
        method: "POST",
        body: `form=${person.form}`,
        headers: { cookie: person.cookie, "content-type": FORM },
      });
      assert.equal(none.status, 403, "no origin at all");
      assert.deepEqual(agent.api.status().holds, []);
    });

    it("a session must not do for the API, which other sites could have a browser call", async () => {
      const person = await signIn(agent);
      assert.equal((await person.post("/v1/suspend")).status, 401);
      assert.equal((await person.post("/v1/sync")).status, 401);
      assert.deepEqual(agent.api.status().holds, []);
    });

    it("without a session a form must lead to signing in, and change nothing", async () => {
      for (const path of ["/suspend", "/sync", "/stacks/web/suspend", "/logout"]) {
        const reply = await send(agent, path, {});
        assert.deepEqual([reply.status, reply.headers["location"]], [303, "/login"], path);
      }
      assert.deepEqual(agent.api.status().holds, []);
    });

    it("a session must end with signing out, with its time, and with the token", async () => {
      const isIn = async (person: Person): Promise<boolean> => (await person.get("/")).body.includes("Sign out");
      const [first, second] = [await signIn(agent), await signIn(agent)];
      assert.deepEqual([await isIn(first), await isIn(second)], [true, true]);
      const out = await first.post("/logout");
      assert.match(cookieOf(out), /=; Path=\/; HttpOnly; SameSite=Strict; Max-Age=0$/);
      assert.deepEqual([await isIn(first), await isIn(second)], [false, true]);
      agent.host.clock.advance(12 * 3_600_000);
      assert.equal(await isIn(second), false);
      const file = writeSecret("the first token");
      const own = await start({ "token-file": file });
      const person = await signIn({ ...own, token: "the first token" });
      writeFileSync(file, "another token\n");
      assert.equal(await isIn(person), false);
      writeFileSync(file, readFileSync(file, "utf8").replace("another", "the first"));
      assert.equal(await isIn(person), true, "the same token, the same session");
    });

    it("cookies that are made up, doubled or of others must be nothing", async () => {
      const person = await signIn(agent);
      const [name = "", value = ""] = person.cookie.split("=");
      for (const cookie of [
        `${name}=${value}x`,
        `${name}=`,
        `${name}=${agent.token}`,
        `${name}=a; ${person.cookie}`,
        `other=${value}`,
        "=;;=",
        `${name}`,
      ])
        assert.ok((await agent.ask("/", { headers: { cookie } })).body.includes("Sign in"), cookie);
    });

    it("guessing in the form must be slowed down like guessing in the API", async () => {
      const statuses: number[] = [];
      for (let round = 0; round < 11; round += 1)
        statuses.push((await send(agent, "/login", { token: `guess ${round}` })).status);
      assert.deepEqual([...new Set(statuses.slice(0, 10))], [401]);
      assert.equal(statuses[10], 429);
      const right = await send(agent, "/login", { token: agent.token });
      assert.deepEqual([right.status, cookieOf(right)], [429, ""]);
      assert.match(right.body, /too many wrong tokens from this address: try again in \d s/);
      assert.ok(!right.body.includes("guess"));
    });
  });

  it("without a configured token one must be told so, and not be able to sign in", async () => {
    const agent = await start({ "token-file": "" });
    assert.match((await agent.ask("/login")).body, /agent\.yaml has no <code>tokenFile<\/code>/);
    assert.equal((await send(agent, "/login", { token: "" })).status, 403);
    assert.ok(!(await agent.ask("/")).body.includes("Sign in"));
  });

  it("where listen is not loopback nobody must see anything but the form, and be led back from there", async () => {
    const agent = await start({ listen: "0.0.0.0:0" });
    for (const path of ["/", "/stacks/web?log=web-app-1", "/fleet"]) {
      const { status, headers, body } = await agent.ask(path);
      assert.deepEqual([status, headers["location"], body], [303, `/login?next=${encodeURIComponent(path)}`, ""]);
    }
    for (const path of ["/v1/status", "/v1/history", "/v1/events", "/v1/fleet"])
      assert.equal((await agent.ask(path)).status, 401, path);
    assert.match((await agent.ask("/login")).body, /This connection is not encrypted/);
    assert.equal((await agent.askWithToken("/v1/history")).status, 200);
    const person = await signIn(agent);
    for (const path of ["/", "/stacks/web", "/fleet", "/v1/status", "/v1/history"])
      assert.equal((await person.get(path)).status, 200, path);
    assert.equal((await person.get("/v1/events", { method: "HEAD" })).status, 200);
  });

  it("a link of another site must be asked for once more with the cookie, instead of leading to the form", async () => {
    const agent = await start({ listen: "0.0.0.0:0" });
    const { status, headers, body } = await agent.ask("/stacks/web", { headers: { "sec-fetch-site": "cross-site" } });
    assert.deepEqual([status, headers["location"]], [200, undefined]);
    assert.match(body, /<meta http-equiv="refresh" content="0">/);
    assert.ok(!body.includes("web"));
    assert.equal((await agent.ask("/stacks/web", { headers: { "sec-fetch-site": "same-origin" } })).status, 303);
  });

  it("over TLS the cookie must never go over a connection without", async () => {
    const { cert, certFile } = await createCertificate();
    const agent = await start({
      ...{ listen: "0.0.0.0:0", "tls-cert-file": certFile, "tls-key-file": certFile.replace(/cert\.pem$/, "key.pem") },
    });
    const over = (path: string, options: AskOptions): Promise<Reply> => ask(agent.url, path, { ...options, ca: cert });
    assert.ok(!(await over("/login", {})).body.includes("not encrypted"));
    const body = new URLSearchParams({ token: agent.token }).toString();
    const reply = await over("/login", { method: "POST", body, headers: fromHere(agent) });
    assert.match(cookieOf(reply), /^__Host-holdfast-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/);
    const [cookie = ""] = cookieOf(reply).split(";");
    assert.match((await over("/", { headers: { cookie } })).body, /Sign out/);
  });
});
