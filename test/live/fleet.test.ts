import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Page } from "playwright-core";
import type { FleetStatus } from "../../agent/model/generated/fleet-status.ts";
import { type Holdfast, runHoldfast, startHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type Chromium, startBrowser } from "../pages/start-browser.ts";
import { ask, type Reply } from "../server/start-http.ts";
import { type Certificate, createCertificate } from "../servers/certificate.ts";
import { findFreePort } from "../servers/free-port.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

const TOKEN = "a-token-of-the-whole-fleet";
const LONG = { timeoutMs: 120_000 };
const LONG_WAIT = { timeout: 120_000 };

describe("two hosts of a fleet, over TLS and not on loopback", { timeout: 900_000 }, () => {
  const directory = createTemporaryDirectory("hf-fleet-");
  const engines: Engine[] = [];
  const agents: Holdfast[] = [];
  let git: GitServer;
  let repository: GitRepository;
  let certificate: Certificate;
  let browser: Chromium;
  let urls: { readonly attic: string; readonly nas: string };

  before(async () => {
    [git, certificate, browser] = await Promise.all([startGitServer(), createCertificate(), startBrowser()]);
    repository = await git.createRepository("infra");
    const [atticPort, nasPort] = [await findFreePort(), await findFreePort()];
    urls = { attic: `https://localhost:${atticPort}`, nas: `https://127.0.0.1:${nasPort}` };
    for (const name of ["token", "fleet-token"]) writeFileSync(join(directory, name), `${TOKEN}\n`, { mode: 0o600 });
    await repository.commit({
      "desired-state/fleet.yaml": `fleet: {tokenFile: ${join(directory, "fleet-token")}}\n`,
      "desired-state/hosts/attic.yaml": `address: ${urls.attic}\n`,
      "desired-state/hosts/nas.yaml": `address: ${urls.nas}\n`,
      "desired-state/hosts/cellar.yaml": "address: https://127.0.0.1:9\n",
      "desired-state/stacks/web/stack.yaml": "hosts: {names: [attic, nas]}\ndrift: {mode: report}\n",
      "desired-state/stacks/web/compose.yaml": compose({ app: "" }),
    });
    for (const [name, port] of [
      ["attic", atticPort],
      ["nas", nasPort],
    ] as const) {
      const engine = await startEngine();
      engines.push(engine);
      await loadImages(engine.socket, ["busybox:1.35"]);
      agents.push(
        startHoldfast({ args: ["run", "--host", name, "--interval", "10s"], environment: environmentOf(name, engine, port) }),
      );
    }
    for (const agent of agents) await agent.logged("it listens", ({ msg }) => msg === "listening");
  });
  after(async () => {
    await browser?.stop();
    for (const agent of agents) agent.kill("SIGTERM");
    const ended = await Promise.all(agents.map((agent) => agent.ended));
    await Promise.allSettled([git?.stop(), ...engines.map((engine) => engine.stop())]);
    assert.deepEqual(
      ended.map(({ exitCode }) => exitCode),
      [0, 0],
      ended.map(({ stderr }) => stderr).join("\n"),
    );
  });

  function environmentOf(name: string, engine: Engine, port: number): Record<string, string> {
    return {
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, name, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, name, "run"),
      HOLDFAST_LISTEN: `0.0.0.0:${port}`,
      HOLDFAST_ALLOWED_HOSTS: "localhost",
      HOLDFAST_TOKEN_FILE: join(directory, "token"),
      HOLDFAST_TLS_CERT_FILE: certificate.certFile,
      HOLDFAST_TLS_KEY_FILE: certificate.certFile.replace(/cert\.pem$/, "key.pem"),
      // Where an operator puts the fleet's own authority: among those that the machine trusts.
      SSL_CERT_FILE: certificate.certFile,
    };
  }
  const get = (url: string, path: string, token?: string): Promise<Reply> =>
    ask(url, path, { ca: certificate.cert, ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }) });
  const readFleet = async (): Promise<FleetStatus> => JSON.parse((await get(urls.attic, "/v1/fleet", TOKEN)).body);
  const hostOf = (fleet: FleetStatus, name: string) => fleet.hosts.find((one) => one.name === name);
  const statusFleet = (...args: string[]) =>
    runHoldfast(["status", "--fleet", ...args], { environment: { HOLDFAST_RUNTIME_DIR: join(directory, "attic", "run") } });

  async function open(): Promise<{
    readonly page: Page;
    readonly problems: readonly string[];
    readonly origins: ReadonlySet<string>;
  }> {
    const { page, problems, origins } = await browser.open({ ignoreHTTPSErrors: true });
    await page.goto(`${urls.attic}/fleet`);
    await page.getByLabel("Token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /^Fleet/ }).waitFor();
    return { page, problems, origins };
  }

  it("each must see the other converge, and who is away", async () => {
    const fleet = await waitUntil(
      "both are healthy",
      async () => {
        const found = await readFleet();
        return found.hosts.filter(({ state }) => state === "healthy").length === 2 ? found : undefined;
      },
      { timeoutMs: 120_000, intervalMs: 500 },
    );
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/fleet-status.schema.json"), "utf8"));
    const ajv = new Ajv2020({ strict: false });
    assert.ok(ajv.validate(schema, fleet), ajv.errorsText());
    assert.deepEqual([hostOf(fleet, "nas")?.position, hostOf(fleet, "nas")?.stacks[0]?.name], ["current", "web"]);
    assert.deepEqual(
      [hostOf(fleet, "cellar")?.state, hostOf(fleet, "cellar")?.reason],
      ["unreachable", "the connection was refused"],
    );
    const { exitCode, stdout } = await statusFleet();
    assert.equal(exitCode, 1, "one is unreachable");
    assert.match(stdout, /^fleet as attic sees it: 2 healthy, 1 unreachable\n/);
    assert.deepEqual(
      stdout.split("\n").filter((line) => line.length > 80),
      [],
    );
    assert.equal(JSON.parse((await statusFleet("--output", "json")).stdout).host, "attic");
  });

  it("nobody must see anything without the token", async () => {
    for (const path of ["/v1/status", "/v1/history", "/v1/events", "/v1/fleet"])
      for (const token of [undefined, "wrong"]) assert.equal((await get(urls.attic, path, token)).status, 401, path);
    assert.equal((await get(urls.attic, "/")).headers["location"], "/login?next=%2F");
    assert.equal((await get(urls.attic, "/healthz")).status, 200);
  });

  it("what somebody does on one host must show on the other's fleet page by itself, and on its own dashboard at once", async () => {
    const { page, problems, origins } = await open();
    await page.getByText("2 healthy, 1 unreachable").waitFor();
    const [own, other] = engines as [Engine, Engine];
    await other.docker(["rm", "--force", "web-app-1"]);
    await page
      .getByText(/web drifted/)
      .first()
      .waitFor(LONG_WAIT);
    await page.goto(`${urls.attic}/`);
    await page.locator(".live.on").waitFor();
    await own.docker(["stop", "web-app-1"]);
    await page.getByText("stopped").first().waitFor(LONG_WAIT);
    await page.getByRole("link", { name: "web" }).first().click();
    await page.getByRole("link", { name: "Log of web-app-1" }).click();
    await page.getByText("(it has written nothing)").waitFor();
    assert.deepEqual([problems, [...origins]], [[], [urls.attic]]);
    assert.equal((await statusFleet()).exitCode, 1);
  });

  it("one that hangs must be told so, and a push be seen to arrive at both", async () => {
    const [, nas] = agents as [Holdfast, Holdfast];
    nas.kill("SIGSTOP");
    try {
      await waitUntil(
        "it does not answer",
        async () => hostOf(await readFleet(), "nas")?.reason === "no answer within 4 s",
        LONG,
      );
    } finally {
      nas.kill("SIGCONT");
    }
    const revision = await repository.commit({
      "desired-state/stacks/web/compose.yaml": compose({ app: "labels: {round: two}" }),
    });
    await waitUntil(
      "both are at it",
      async () => (await readFleet()).hosts.filter((one) => one.revision === revision && one.position === "current").length === 2,
      LONG,
    );
  });
});
