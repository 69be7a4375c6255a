import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Status } from "../../agent/model/generated/status.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, stackFiles } from "../reconcile/fake-host.ts";
import { type ServedHost, startAgent } from "./start-agent.ts";
import type { Reply } from "./start-http.ts";

const ajv = new Ajv2020({ strict: false, allErrors: true });
function assertValid(schema: string, value: unknown): void {
  const path = join(import.meta.dirname, `../../schemas/${schema}.schema.json`);
  const parsed = JSON.parse(readFileSync(path, "utf8"));
  assert.ok(ajv.getSchema(parsed.$id)?.(value) ?? ajv.validate(parsed, value), `${schema}: ${ajv.errorsText()}`);
}
/** As long as a busy machine takes. */
const waitLong = <T>(what: string, condition: () => T | Promise<T>) => waitUntil(what, condition, { timeoutMs: 60_000 });
const told = ({ status, body }: Reply): string => `${status} ${body.trim()}`;
const post = { method: "POST", body: "{}" };

describe("the HTTP API", () => {
  const started: ServedHost[] = [];
  let agent: ServedHost;
  async function start(flags: Readonly<Record<string, string>> = {}): Promise<ServedHost> {
    const one = await startAgent({ flags, isTimeStill: true });
    started.push(one);
    one.host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }), ...stackFiles("db", { db: "" }) }, "Two stacks");
    assert.equal(await one.host.settle(), "converged");
    return one;
  }
  beforeEach(async () => {
    agent = await start();
  });
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop();
  });

  it("must answer with what the schemas say, and with what differs, and what the commit says of itself", async () => {
    agent.host.world.remove(agent.host.world.containers()[0]?.id ?? "");
    await agent.host.tick();
    for (const [path, schema] of [
      ["/v1/status", "status"],
      ["/v1/history?limit=100", "history"],
      ["/v1/fleet", "fleet-status"],
    ] as const) {
      const { status, headers, body } = await agent.ask(path);
      assert.deepEqual([status, headers["content-type"]], [200, "application/json"], path);
      assertValid(schema, JSON.parse(body));
    }
    const status: Status = JSON.parse((await agent.ask("/v1/status")).body);
    assert.equal(status.commit?.subject, "Two stacks");
    const history = JSON.parse((await agent.ask("/v1/history?stack=db")).body);
    assert.ok(history.entries.every(({ stack }: { stack?: string }) => stack === "db"));
    assert.match(told(await agent.ask("/v1/history?stack=dc")), /^404 .*there is no stack.*did you mean/);
    assert.match(told(await agent.ask("/v1/history?limit=0")), /^400 .*no number/);
  });

  /** A sync ends when what was changed has proved itself, for which the host's clock must go on. */
  async function sync(): Promise<Reply> {
    const passing = setInterval(() => agent.host.clock.advance(1_000), 20);
    return agent.askWithToken("/v1/sync", post).finally(() => clearInterval(passing));
  }

  const changes = ["/v1/sync", "/v1/suspend", "/v1/resume", "/v1/stacks/web/suspend", "/v1/stacks/web/resume"];
  it("nothing must be changed without the token, on a loopback address neither", async () => {
    for (const path of changes) {
      assert.equal(told(await agent.ask(path, post)), "401 send the token: Authorization: Bearer TOKEN", path);
      const wrong = await agent.ask(path, { ...post, headers: { authorization: "Bearer wrong" } });
      assert.equal(told(wrong), "401 the token is wrong");
    }
    assert.deepEqual((await agent.api.status()).holds, []);
  });

  it("without a configured token nobody must be able to change anything, and be told why", async () => {
    const bare = await start({ "token-file": "" });
    for (const path of changes) {
      const reply = await bare.ask(path, { ...post, headers: { authorization: "Bearer x" } });
      assert.equal(told(reply), "403 no token is configured: set tokenFile in agent.yaml", path);
    }
    assert.equal((await bare.ask("/v1/status")).status, 200);
  });

  it("who has the token must suspend, resume and sync, and be told what came of it", async () => {
    const body = JSON.stringify({ for: "2h", reason: "a new disk" });
    const hold = JSON.parse((await agent.askWithToken("/v1/stacks/web/suspend", { method: "POST", body })).body);
    assert.deepEqual([hold.reason, hold.busy], ["a new disk", false]);
    assert.deepEqual(
      agent.api.status().holds.map(({ stack }) => stack),
      ["web"],
    );
    assert.deepEqual(JSON.parse((await agent.askWithToken("/v1/stacks/web/resume", post)).body), {
      stacks: ["web"],
      host: false,
    });
    const revision = agent.host.git.commit(stackFiles("more", { one: "" }));
    const { status, headers, body: lines } = await sync();
    assert.deepEqual([status, headers["content-type"]], [200, "application/x-ndjson"]);
    const events = lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual([events.at(-1).event, events.at(-1).status.revision], ["finished", revision]);
    assert.ok(events.some(({ event, stack }) => event === "step" && stack === "more"));
    assert.match(told(await agent.askWithToken("/v1/stacks/wev/suspend", post)), /^404 .*did you mean/);
    assert.match(told(await agent.askWithToken("/v1/stacks/web/suspend", { method: "POST", body: "{" })), /^400 .*no JSON/);
    assert.match(told(await agent.askWithToken("/v1/sync", { method: "GET" })), /^405/);
    assert.match(told(await agent.askWithToken("/v1/stacks/web/rollback", post)), /^404/);
  });

  it("guessing tokens must be slowed down for who guesses, without stopping who reads", async () => {
    const guess = (): Promise<Reply> => agent.ask("/v1/sync", { ...post, headers: { authorization: "Bearer guess" } });
    const statuses = [];
    for (let round = 0; round < 12; round += 1) statuses.push((await guess()).status);
    assert.deepEqual([statuses.slice(0, 10), statuses.slice(10)], [Array(10).fill(401), [429, 429]]);
    const right = await sync();
    assert.match(told(right), /^429 too many wrong tokens from this address: try again in [1-6] s$/);
    assert.ok(Number(right.headers["retry-after"]) > 0);
    assert.equal((await agent.ask("/v1/status")).status, 200);
    assert.equal(agent.log.filter(({ msg }) => msg === "wrong token").length, 1);
    assert.ok(!JSON.stringify(agent.log).includes("guess"));
    agent.host.clock.advance(6_000);
    assert.equal((await agent.askWithToken("/v1/stacks/web/resume", post)).status, 200);
  });

  it("an address that asks all the time must be slowed down, but always be told that the agent lives", async () => {
    const replies = [];
    for (let round = 0; round < 30; round += 1)
      replies.push(...(await Promise.all(Array.from({ length: 10 }, () => agent.ask("/v1/nothing")))));
    assert.ok(
      replies.every(({ status }) => status === 404),
      "what is not there costs nothing",
    );
    const asked: Reply[] = [];
    for (let round = 0; round < 11; round += 1)
      asked.push(...(await Promise.all(Array.from({ length: 20 }, () => agent.ask("/v1/history?limit=1")))));
    assert.equal(asked.filter(({ status }) => status === 200).length, 200);
    const refused = asked.find(({ status }) => status === 429);
    assert.match(refused?.body ?? "", /^too many requests from this address: try again in 1 s$/m);
    assert.equal((await agent.ask("/healthz")).status, 200);
    assert.equal((await agent.ask("/readyz")).status, 200);
    agent.host.clock.advance(50);
    assert.deepEqual([(await agent.ask("/v1/status")).status, (await agent.ask("/v1/status")).status], [200, 429]);
  });
});

describe("GET /v1/events", () => {
  let agent: ServedHost;
  beforeEach(async () => {
    agent = await startAgent();
    agent.host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }) });
    assert.equal(await agent.host.settle(), "converged");
  });
  afterEach(() => agent.stop());

  interface Listener {
    readonly status: number;
    text(): string;
    events(): { readonly event: string; readonly data: unknown }[];
    close(): void;
  }
  function listen(headers: Readonly<Record<string, string>> = {}): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const asking = request(`${agent.url}/v1/events`, { headers, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        response.on("error", () => undefined);
        resolve({
          status: response.statusCode ?? 0,
          text: () => text,
          events: () =>
            [...text.matchAll(/^id: \d+\nevent: (\w+)\ndata: (.*)\n\n/gm)].map(([, event = "", data = ""]) => ({
              event,
              data: JSON.parse(data),
            })),
          close: () => asking.destroy(),
        });
      });
      asking.on("error", reject);
      asking.end();
    });
  }

  it("must tell the present status first, whatever was seen last, then steps and what they changed", async () => {
    const listener = await listen({ "last-event-id": "no number at all" });
    const [first] = await waitLong("the status", () => (listener.events().length > 0 ? listener.events() : undefined));
    assert.equal(first?.event, "status");
    assertValid("status", first?.data);
    agent.host.git.commit(stackFiles("more", { one: "" }));
    await agent.host.settle();
    const later = await waitLong("the change", () => {
      const events = listener.events();
      return events.some(({ event, data }) => event === "status" && (data as Status).stacks.length === 2) ? events : undefined;
    });
    const happenings = later
      .filter(({ event }) => event === "happening")
      .map(({ data }) => data as { event: string; stack?: string });
    for (const happening of happenings) assertValid("event", happening);
    assert.ok(happenings.some(({ event, stack }) => event === "step" && stack === "more"));
    assert.ok(happenings.some(({ event }) => event === "revision-accepted"));
    listener.close();
  });

  it("what differs must be told without being asked for", async () => {
    const listener = await listen();
    await agent.host.ports.store.write("hold/web", { sinceMs: agent.host.clock.nowMs() });
    agent.host.world.remove(agent.host.world.containers()[0]?.id ?? "");
    await agent.host.tick();
    await waitLong("the drift", () =>
      listener.events().some(({ event, data }) => event === "status" && (data as Status).drift[0]?.kind === "service-missing"),
    );
    listener.close();
  });

  it("who looks on must be few, and make room by going", async () => {
    const listeners = await Promise.all(Array.from({ length: 24 }, () => listen()));
    const late = await listen();
    assert.deepEqual([listeners.every(({ status }) => status === 200), late.status], [true, 503]);
    listeners[0]?.close();
    const next = await waitLong("there is room", async () => {
      const one = await listen();
      return one.status === 200 ? one : undefined;
    });
    for (const { close } of [...listeners, next]) close();
  });

  it("HEAD must end at once", async () => {
    const { status, headers, body } = await agent.ask("/v1/events", { method: "HEAD" });
    assert.deepEqual([status, headers["content-type"], body], [200, "text/event-stream", ""]);
  });
});
