import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { FleetHost, FleetStatus } from "../../agent/model/generated/fleet-status.ts";
import type { Status } from "../../agent/model/generated/status.ts";
import { openFleet } from "../../agent/server/open-fleet.ts";
import { createFakeClock } from "../reconcile/fake-clock.ts";
import { STATUS } from "./start-http.ts";
import { writeSecret } from "./write-secret.ts";

const TOKEN = "0123456789abcdef";
const OWN: Status = { ...STATUS, host: "own", tip: "2222222", revision: "2222222" };
const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/fleet-status.schema.json"), "utf8"));
const validate = new Ajv2020({ strict: false }).compile(schema);

describe("asking the agents of a fleet", () => {
  const servers: Server[] = [];
  const stop = new AbortController();
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  interface Peer {
    readonly address: string;
    readonly asked: IncomingMessage[];
  }
  async function serve(answer: RequestListener): Promise<Peer> {
    const asked: IncomingMessage[] = [];
    const server = createServer((incoming, response) => {
      asked.push(incoming);
      answer(incoming, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }
  const tell = (status: object): Promise<Peer> => serve((_incoming, response) => response.end(JSON.stringify(status)));
  interface Asking {
    readonly peers: Readonly<Record<string, string | undefined>>;
    readonly tokenFile?: string;
    readonly warnings?: Map<string, string>;
    readonly own?: Status;
  }
  function open({ peers, tokenFile, warnings, own = OWN }: Asking) {
    const clock = createFakeClock();
    const hosts = [["own", undefined] as const, ...Object.entries(peers)].map(([name, address]) => ({
      name,
      ...(address === undefined ? {} : { address }),
    }));
    const fleet = { hosts, ...(tokenFile === undefined ? {} : { tokenFile }) };
    const read = openFleet({
      ...{ host: "own", peers: () => fleet, status: () => own, clock, signal: stop.signal, timeoutMs: 400 },
      warnings: {
        set(about, problem) {
          if (problem === undefined) warnings?.delete(about);
          else warnings?.set(about, problem);
        },
      },
    });
    return { clock, read };
  }
  async function ask(asking: Asking): Promise<FleetStatus> {
    const fleet = await open(asking).read();
    assert.ok(validate(fleet), JSON.stringify(validate.errors));
    return fleet;
  }
  /** The one that is asked besides this host. */
  async function askOne(address: string | undefined, more: Partial<Asking> = {}): Promise<FleetHost> {
    const { hosts } = await ask({ peers: { nas: address }, ...more });
    const found = hosts.find(({ name }) => name === "nas");
    assert.ok(found);
    return found;
  }

  it("must tell what each says of itself, this host without asking anybody", async () => {
    const stacks = [{ name: "web", state: "drifted", health: "healthy", services: [] }];
    const commit = { subject: "Old", author: "tester", at: "2026-01-01T00:00:00Z" };
    const nas = await tell({ ...STATUS, host: "nas", healthy: false, revision: "1111111", commit, stacks, drift: [{}] });
    const own = { ...OWN, commit: { ...commit, at: "2026-02-01T00:00:00Z" } };
    const { hosts, revision } = await ask({ peers: { nas: nas.address }, own });
    assert.equal(revision, "2222222");
    assert.deepEqual(
      hosts.map(({ name, state, position, reason, drift }) => [name, state, position, reason, drift]),
      [
        ["own", "healthy", "current", undefined, 0],
        ["nas", "not-healthy", "behind", "web drifted", 1],
      ],
    );
  });

  it("the token must go to the addresses of host files, and the path be theirs", async () => {
    const nas = await tell({ ...STATUS, host: "nas" });
    await askOne(`${nas.address}/agents/nas/`, { tokenFile: writeSecret(TOKEN) });
    assert.deepEqual(
      nas.asked.map(({ method, url, headers }) => [method, url, headers.authorization]),
      [["GET", "/agents/nas/v1/status", `Bearer ${TOKEN}`]],
    );
  });

  it("a redirect must not be followed, and the token not go along", async () => {
    const elsewhere = await tell({ ...STATUS, host: "nas" });
    const nas = await serve((_incoming, response) =>
      response.writeHead(307, { location: `${elsewhere.address}/v1/status` }).end(),
    );
    const { state, reason } = await askOne(nas.address, { tokenFile: writeSecret(TOKEN) });
    assert.deepEqual(
      [state, reason],
      ["unreachable", "it leads elsewhere (status 307), which is not followed: correct its address"],
    );
    assert.equal(elsewhere.asked.length, 0);
  });

  it("what is no token must not be sent, whatever a commit names", async () => {
    const nas = await serve((_incoming, response) => response.writeHead(401).end());
    const warnings = new Map<string, string>();
    for (const content of [
      "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
      "root:$6$salt$hash:19000:0:",
      "short",
    ]) {
      const { reason } = await askOne(nas.address, { tokenFile: writeSecret(content), warnings });
      assert.equal(reason, "it asks for a token: set fleet.tokenFile in fleet.yaml");
      assert.match(warnings.get("fleet.tokenFile") ?? "", /secret: expected a token: one word/);
    }
    await askOne(nas.address, { tokenFile: writeSecret(TOKEN, 0o644), warnings });
    assert.match(warnings.get("fleet.tokenFile") ?? "", /chmod|others/);
    assert.deepEqual(
      nas.asked.map(({ headers }) => headers.authorization),
      [undefined, undefined, undefined, undefined],
    );
    await askOne(nas.address, { tokenFile: writeSecret(TOKEN), warnings });
    assert.equal(warnings.size, 0);
  });

  for (const [what, answer, reason] of [
    [
      "refuses the token",
      (_in, out) => out.writeHead(401).end(),
      /^it refused the token: fleet\.tokenFile here must hold what tokenFile holds there$/,
    ],
    ["knows another name", (_in, out) => out.writeHead(421).end(), /^it does not answer to 127\.0\.0\.1: add it to allowedHosts/],
    ["is broken", (_in, out) => out.writeHead(500).end(), /^it answered with status 500$/],
    [
      "is another host",
      (_in, out) => out.end(JSON.stringify({ ...STATUS, host: "attic" })),
      /^the agent of another host answers there: attic$/,
    ],
    ["is a web server", (_in, out) => out.end("<html>"), /^what answers there is no Holdfast agent$/],
    [
      "is JSON of something else",
      (_in, out) => out.end('{"host":"nas","stacks":[]}'),
      /^what answers there is no Holdfast agent$/,
    ],
    ["never answers", () => undefined, /^no answer within 0\.4 s$/],
    ["never ends", (_in, out) => out.write("{"), /^no answer within 0\.4 s$/],
    ["sends too much", (_in, out) => out.end("x".repeat(1_100_000)), /^it answered with more than 1048576 bytes$/],
    ["hangs up", (incoming) => incoming.socket.destroy(), /^the connection was closed$/],
  ] as const satisfies readonly (readonly [string, RequestListener, RegExp])[]) {
    it(`an agent that ${what} must be unreachable, with the reason`, async () => {
      const nas = await serve(answer);
      const found = await askOne(nas.address, { tokenFile: writeSecret(TOKEN) });
      assert.equal(found.state, "unreachable");
      assert.match(found.reason ?? "", reason);
    });
  }

  for (const [address, state, reason] of [
    [undefined, "unasked", /^its host file has no address$/],
    ["http://user:secret@127.0.0.1:1", "unreachable", /^its address is no http/],
    ["http://[", "unreachable", /^its address is no http/],
    ["http://127.0.0.1:9", "unreachable", /^the connection was refused$/],
  ] as const) {
    it(`${address} must be ${state}`, async () => {
      const found = await askOne(address);
      assert.equal(found.state, state);
      assert.match(found.reason ?? "", reason);
    });
  }

  it("nothing of an answer must be taken on trust", async () => {
    const nas = await tell({
      ...{ host: "nas", healthy: false, version: ["1"], revision: { a: 1 }, commit: "no", last: { at: "yesterday" }, next: 7 },
      stacks: [
        null,
        1,
        { name: "web" },
        { name: "a\u001b[31m\n", state: "x".repeat(9_000), health: {} },
        { name: "ok", state: "converged" },
      ],
      alerts: [{ name: "HoldfastHeartbeat" }, { name: "HoldfastDrift" }, {}],
      drift: "many",
      holds: null,
    });
    const { stacks, alerts, drift, holds, version, revision, at, next } = await askOne(nas.address);
    assert.deepEqual(
      [alerts, drift, holds, version, revision, at, next],
      [["HoldfastDrift"], 0, 0, undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(
      stacks.map(({ name, state }) => [name, state.length]),
      [
        ["a?[31m?", 201],
        ["ok", 9],
      ],
    );
  });

  it("however many look on, each host must be asked once in five seconds, and all at once", async () => {
    const late: (() => void)[] = [];
    const slow = await Promise.all(
      Array.from({ length: 5 }, (_none, index) =>
        serve((_incoming, response) => {
          late.push(() => response.end(JSON.stringify({ ...STATUS, host: `h${index}` })));
          // Nobody is answered until everybody was asked.
          if (late.length % 5 === 0) for (const answer of late) answer();
        }),
      ),
    );
    const { clock, read } = open({ peers: Object.fromEntries(slow.map(({ address }, index) => [`h${index}`, address])) });
    const answers = await Promise.all(Array.from({ length: 20 }, () => read()));
    assert.ok(answers.every((answer) => answer === answers[0] && answer.hosts.every(({ state }) => state === "healthy")));
    clock.advance(4_999);
    await read();
    assert.deepEqual(
      slow.map(({ asked }) => asked.length),
      [1, 1, 1, 1, 1],
    );
    clock.advance(1);
    await read();
    assert.deepEqual(
      slow.map(({ asked }) => asked.length),
      [2, 2, 2, 2, 2],
    );
  });
});
