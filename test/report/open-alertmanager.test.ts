import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { inspect } from "node:util";
import type { TrackedAlert } from "../../agent/model/alert.ts";
import { type HoldfastError, isHoldfastError } from "../../agent/model/error.ts";
import type { Reporter } from "../../agent/ports.ts";
import { openAlertmanager } from "../../agent/report/open-alertmanager.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type Alertmanager, startAlertmanager } from "../servers/alertmanager.ts";
import { type Certificate, createCertificate } from "../servers/certificate.ts";
import { findFreePort } from "../servers/free-port.ts";
import { startHttpProxy } from "../servers/http-proxy.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type Receiver, receiveAlerts } from "./receive-alerts.ts";

const SECRET = "tok-3n-of-the-test";
const directory = createTemporaryDirectory("hf-report-");
const tokenFile = join(directory, "token");
const signal = new AbortController().signal;

function track(name: string, over: Partial<TrackedAlert> = {}, labels: Readonly<Record<string, string>> = {}): TrackedAlert {
  const alert = {
    name: "HoldfastDrift",
    severity: "warning",
    labels: { alertname: name, host: "box", ...labels },
    annotations: { summary: `${name} on box`, description: "" },
  } as const;
  return { alert, startsAtMs: Date.now() - 60_000, ...over };
}

async function failure(delivering: Promise<void>): Promise<HoldfastError> {
  const error = await delivering.then(
    () => assert.fail("delivered"),
    (cause: unknown) => cause,
  );
  assert.ok(isHoldfastError(error), String(error));
  assert.equal(error.code, "report-failed");
  assert.match(error.message, /^Alertmanager at \S+ .*\S$/, "one readable line");
  assert.doesNotMatch(error.message, /\n/);
  return error;
}

describe("delivering to the real Alertmanager", () => {
  let alertmanager: Alertmanager;
  let reporter: Reporter;
  before(async () => {
    alertmanager = await startAlertmanager();
    reporter = openAlertmanager({ url: `${alertmanager.url}/` });
  });
  after(() => alertmanager.stop());

  it("an alert must fire with its start, until the end that it is given", async () => {
    const drift = track("Drift", {}, { stack: "web", empty: "" });
    const endsAtMs = Date.now() + 240_000;
    await reporter.deliver([drift, track("Other")], endsAtMs, signal);
    const alerts = await waitUntil("both fire", async () => {
      const listed = await alertmanager.alerts();
      return listed.length === 2 && listed;
    });
    const fired = alerts.find((alert) => alert.labels["alertname"] === "Drift");
    assert.deepEqual(fired?.labels, { alertname: "Drift", host: "box", stack: "web" }, "a label without a value is dropped");
    assert.deepEqual(fired?.annotations, { summary: "Drift on box" });
    assert.deepEqual([Date.parse(fired?.startsAt ?? ""), Date.parse(fired?.endsAt ?? "")], [drift.startsAtMs, endsAtMs]);
  });

  it("being sent again must move its end and nothing else", async () => {
    const endsAtMs = Date.now() + 480_000;
    const drift = track("Drift", {}, { stack: "web" });
    await reporter.deliver([drift], endsAtMs, signal);
    const alerts = await alertmanager.alerts();
    assert.equal(alerts.length, 2);
    const fired = alerts.find((alert) => alert.labels["alertname"] === "Drift");
    assert.equal(Date.parse(fired?.endsAt ?? ""), endsAtMs);
  });

  it("one that has ended must leave the list, and the others stay", async () => {
    const ended = track("Drift", { resolvedAtMs: Date.now() }, { stack: "web" });
    await reporter.deliver([ended, track("Other")], Date.now() + 240_000, signal);
    const alerts = await waitUntil("it is gone", async () => {
      const listed = await alertmanager.alerts();
      return listed.length === 1 && listed;
    });
    assert.equal(alerts[0]?.labels["alertname"], "Other");
  });

  it("a proxy of the environment must be used, and told where it fails", async () => {
    const proxy = await startHttpProxy({ credentials: `me:${SECRET}` });
    const open = (password: string) => {
      const environment = { HTTP_PROXY: proxy.url.replace("://", `://me:${password}@`) };
      return openAlertmanager({ url: alertmanager.url, environment });
    };
    try {
      await open(SECRET).deliver([track("Proxied")], Date.now() + 240_000, signal);
      await waitUntil("it fires", async () =>
        (await alertmanager.alerts()).some(({ labels }) => labels["alertname"] === "Proxied"),
      );
      assert.deepEqual(
        proxy.requests.map(({ target }) => target),
        [`${alertmanager.url}/api/v2/alerts`],
      );
      const error = await failure(open(`${SECRET}-not`).deliver([track("Proxied")], 0, signal));
      assert.match(error.message, new RegExp(`cannot be reached: the proxy ${proxy.url} refused the user name and password`));
      assert.equal(error.handling, "stalled");
      assert.doesNotMatch(inspect(error, { depth: 10 }), new RegExp(`${SECRET}|${btoa(`me:${SECRET}-not`)}`));
    } finally {
      await proxy.stop();
    }
  });

  it("what Alertmanager refuses must be told with its own words", async () => {
    const error = await failure(reporter.deliver([track("Bad", {}, { "not a name \u0000": "x\ud800" })], 0, signal));
    assert.match(error.message, /refused alerts with 400: \S/);
    assert.equal(error.handling, "stalled");
  });
});

describe("delivering with credentials over TLS", () => {
  let certificate: Certificate;
  let server: Receiver;
  before(async () => {
    certificate = await createCertificate();
    server = await receiveAlerts(certificate);
  });
  beforeEach(() => {
    server.answer = { status: 200 };
    writeFileSync(tokenFile, `${SECRET}\n`);
  });
  after(() => server.stop());

  const lastHeader = (): string | undefined => server.requests.at(-1)?.headers.authorization;

  it("a bearer token must be sent, and be read anew at each delivery", async () => {
    const reporter = openAlertmanager({ url: server.url, bearerTokenFile: tokenFile, caFile: certificate.certFile });
    await reporter.deliver([track("One")], Date.now(), signal);
    assert.equal(lastHeader(), `Bearer ${SECRET}`);
    assert.equal(server.requests.at(-1)?.path, "/api/v2/alerts");
    writeFileSync(tokenFile, "rotated");
    await reporter.deliver([track("One")], Date.now(), signal);
    assert.equal(lastHeader(), "Bearer rotated");
  });

  it("a proxy must be tunnelled through, and see neither token nor alerts", async () => {
    const proxy = await startHttpProxy();
    try {
      const options = { url: server.url, bearerTokenFile: tokenFile, caFile: certificate.certFile };
      const reporter = openAlertmanager({ ...options, environment: { https_proxy: proxy.url } });
      for (const _ of [1, 2]) await reporter.deliver([track("One")], Date.now(), signal);
      assert.equal(lastHeader(), `Bearer ${SECRET}`);
      assert.deepEqual(
        proxy.requests.map(({ method, target }) => `${method} ${target}`),
        [`CONNECT ${new URL(server.url).host}`],
      );
    } finally {
      await proxy.stop();
    }
  });

  it("user name and password must be sent, the password as its line stands", async () => {
    writeFileSync(tokenFile, " pass: word \n");
    const options = { url: `${server.url}/prefix/`, caFile: certificate.certFile };
    const reporter = openAlertmanager({ ...options, basicAuth: { username: "me", passwordFile: tokenFile } });
    await reporter.deliver([track("One")], Date.now(), signal);
    assert.equal(lastHeader(), `Basic ${Buffer.from("me: pass: word ").toString("base64")}`);
    assert.equal(server.requests.at(-1)?.path, "/prefix/api/v2/alerts");
  });

  it("nothing must be sent when there is nothing to tell", async () => {
    const before = server.requests.length;
    await openAlertmanager({ url: server.url, caFile: certificate.certFile }).deliver([], Date.now(), signal);
    assert.equal(server.requests.length, before);
  });

  it("a certificate that nobody vouches for must be refused, and nothing be sent", async () => {
    const before = server.requests.length;
    const error = await failure(openAlertmanager({ url: server.url }).deliver([track("One")], Date.now(), signal));
    assert.match(error.message, /self-signed certificate/);
    assert.equal(server.requests.length, before);
  });

  it("a CA file that is put right must be used without a restart", async () => {
    const caFile = join(directory, "ca.pem");
    rmSync(caFile, { force: true });
    const reporter = openAlertmanager({ url: server.url, caFile });
    assert.match((await failure(reporter.deliver([track("One")], Date.now(), signal))).message, /ca\.pem/);
    writeFileSync(caFile, certificate.cert);
    await reporter.deliver([track("One")], Date.now(), signal);
  });

  for (const [status, handling] of [
    [400, "stalled"],
    [401, "stalled"],
    [404, "stalled"],
    [429, "transient"],
    [500, "transient"],
    [503, "transient"],
  ] as const) {
    it(`an answer ${status} must be told in one line without the token, though the server repeats it`, async () => {
      server.answer = { status, text: `no:\n authorization was Bearer ${SECRET}\n${"x".repeat(10_000)}` };
      const options = { url: server.url, caFile: certificate.certFile };
      const error = await failure(
        openAlertmanager({ ...options, bearerTokenFile: tokenFile }).deliver([track("One")], 0, signal),
      );
      assert.match(error.message, new RegExp(`refused alerts with ${status}: no: authorization was`));
      assert.equal(error.handling, handling);
      assert.ok(error.message.length < 400, String(error.message.length));
      assert.ok(!error.message.includes(SECRET), error.message);
      const basicAuth = { username: "me", passwordFile: tokenFile };
      server.answer = { status, text: `me:${SECRET} ${Buffer.from(`me:${SECRET}`).toString("base64")}` };
      const other = await failure(openAlertmanager({ ...options, basicAuth }).deliver([track("One")], 0, signal));
      assert.doesNotMatch(other.message, new RegExp(`${SECRET}|${Buffer.from(`me:${SECRET}`).toString("base64")}`));
    });
  }

  it("a token file that is missing must be named", async () => {
    const options = { url: server.url, caFile: certificate.certFile, bearerTokenFile: join(directory, "nothing") };
    const error = await failure(openAlertmanager(options).deliver([track("One")], Date.now(), signal));
    assert.match(error.message, /nothing/);
  });

  it("a token that no header can hold must be told without it", async () => {
    writeFileSync(tokenFile, `${SECRET}\nsecond line ${SECRET}\n`);
    const options = { url: server.url, caFile: certificate.certFile, bearerTokenFile: tokenFile };
    const error = await failure(openAlertmanager(options).deliver([track("One")], Date.now(), signal));
    assert.ok(!error.message.includes(SECRET), error.message);
  });

  it("a server that takes the alerts and never answers must be given up when the agent stops", async () => {
    server.answer = "hang";
    const stop = new AbortController();
    const before = server.requests.length;
    const delivering = failure(
      openAlertmanager({ url: server.url, caFile: certificate.certFile }).deliver([track("One")], Date.now(), stop.signal),
    );
    await waitUntil("it has the request", () => server.requests.length > before);
    stop.abort();
    await delivering;
  });

  it("a server that never answers must be given up by itself", async () => {
    server.answer = "hang";
    const reporter = openAlertmanager({ url: server.url, caFile: certificate.certFile, timeoutMs: 50 });
    assert.match((await failure(reporter.deliver([track("One")], Date.now(), signal))).message, /no answer within 0\.05 s$/);
  });

  it("a server that is not there must be told by the address that refused", async () => {
    const port = await findFreePort();
    for (const host of ["127.0.0.1", "localhost", "no-such-host.invalid"]) {
      const url = `http://${host}:${port}`;
      const error = await failure(openAlertmanager({ url }).deliver([track("One")], Date.now(), signal));
      assert.match(
        error.message,
        new RegExp(`^Alertmanager at ${url} cannot be reached: \\S.*(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)`),
      );
      assert.equal(error.handling, "transient");
    }
  });

  it("an address that cannot be must fail at the delivery, not at the opening", async () => {
    for (const url of ["http://[", "https://a b", "http://host:99999999"]) {
      const error = await failure(openAlertmanager({ url }).deliver([track("One")], Date.now(), signal));
      assert.match(error.message, /Invalid URL/);
    }
  });
});
