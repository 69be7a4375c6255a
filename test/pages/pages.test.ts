import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, describe, it } from "node:test";
import type { AxeResults } from "axe-core";
import type { Locator, Page } from "playwright-core";
import { waitUntil } from "../engine/wait-until.ts";
import { BOX, stackFiles } from "../reconcile/fake-host.ts";
import { type ServedHost, startAgent } from "../server/start-agent.ts";
import { findFreePort } from "../servers/free-port.ts";
import { pass, removeService, startFleet } from "./scene.ts";
import { type Chromium, startBrowser, type WatchedPage } from "./start-browser.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** As long as a busy machine takes. */
const waitLong = <T>(what: string, condition: () => T | Promise<T>) => waitUntil(what, condition, { timeoutMs: 60_000 });
/** In the page: how wide its content is, of what is seen. */
const WIDTHS = "`${document.documentElement.scrollWidth} of ${innerWidth}`";
const PATHS = ["/", "/stacks/ai", "/stacks/monitoring", "/fleet", "/login"];

/** What is seen of it, rather than what stands in the document. */
// biome-ignore lint/performance/useDomNodeTextContent: what is hidden on a narrow screen must not count
const shown = (of: Locator): Promise<string> => of.innerText();

describe("the pages, in a browser", { timeout: 900_000 }, () => {
  let browser: Chromium;
  let fleet: Awaited<ReturnType<typeof startFleet>>;
  let agent: ServedHost;
  const opened: WatchedPage[] = [];
  const started: ServedHost[] = [];
  before(async () => {
    [browser, fleet] = await Promise.all([startBrowser(), startFleet()]);
    [, agent] = fleet.agents as [ServedHost, ServedHost];
  });
  after(async () => {
    await browser?.stop();
    await fleet?.stop();
  });
  afterEach(async () => {
    for (const { page, context, problems, origins } of opened.splice(0)) {
      const { origin } = new URL(page.url());
      await context.close();
      assert.deepEqual(problems, []);
      assert.deepEqual([...origins], [origin], "nothing is asked for anywhere else");
    }
    for (const one of started.splice(0)) await one.stop();
  });

  async function open(url: string, options: Parameters<Chromium["open"]>[0] = {}): Promise<Page> {
    const watched = await browser.open(options);
    opened.push(watched);
    await watched.page.goto(url);
    return watched.page;
  }
  async function signIn(page: Page, { url, token }: ServedHost, next = "/"): Promise<void> {
    await page.goto(`${url}/login?next=${encodeURIComponent(next)}`);
    await page.getByLabel("Token").fill(token);
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${url}${next}`);
  }
  async function startOwn(files: Readonly<Record<string, string>> = {}, message = "First", flags = {}): Promise<ServedHost> {
    const own = await startAgent({ flags });
    started.push(own);
    own.host.git.commit({ ...BOX, ...stackFiles("web", { app: "" }), ...stackFiles("db", { db: "" }), ...files }, message);
    await own.host.verify();
    return own;
  }
  const text = (page: Page, part: string): Promise<string> => shown(page.locator(`[data-part="${part}"]`));

  it("the dashboard must tell each stack with its state in words, drift with cause, expected and actual, the revision and times", async () => {
    const page = await open(agent.url);
    assert.equal(await page.title(), "gpu-box: needs attention");
    assert.match(await text(page, "summary"), /Prometheus 3\.1: native histograms/);
    assert.match(
      await text(page, "summary"),
      /Last reconciliation\s+converged (\d+ s ago|now) took 38 ms[\s\S]*Next\s+(in \d+ s|now|\d+ s ago)/,
    );
    const rows = page.getByRole("table").first();
    for (const [stack, words] of [
      ["ai", /converged\s+unhealthy/],
      ["media", /drifted\s+unhealthy/],
      ["monitoring", /held\s+unhealthy/],
      ["proxy", /converged\s+healthy/],
    ] as const)
      assert.match((await shown(rows.getByRole("row", { name: stack }).first())).trim(), words);
    const drift = await text(page, "stacks");
    assert.match(
      drift,
      /service-missing\s+metube service metube has no container \(only reported\)\s+expected\s+1 container\s+actual\s+none/,
    );
    assert.match(drift, /stopped[\s\S]*\(waits for the hold to end\)\s+expected\s+running\s+actual\s+exited with code 137/);
    assert.match(await text(page, "history"), /proxy healed/);
    assert.match(await text(page, "alerts"), /HoldfastSuspended/);
  });

  it("a stack's page must tell containers, probes, drift, plan and history", async () => {
    const page = await open(`${agent.url}/stacks/monitoring`);
    for (const name of ["Drift", "Plan", "Containers", "History"])
      assert.equal(await page.getByRole("heading", { level: 2, name, exact: true }).count(), 1, name);
    assert.match(await text(page, "containers"), /monitoring-grafana-1\s+exited 137/);
    assert.match(await text(page, "plan"), /start monitoring-grafana-1\s+because|Nothing is done while it is held/);
    await page.goto(`${agent.url}/stacks/ai`);
    assert.match(
      await text(page, "probes"),
      /http ollama:11434\/api\/tags\s+failing\s+expected status 200 within 5 s, the connection was refused/,
    );
    assert.match(await text(page, "probes"), /exec ollama: nvidia-smi -L\s+healthy/);
    assert.equal((await page.goto(`${agent.url}/stacks/aii`))?.status(), 404);
    assert.match(await shown(page.getByRole("main")), /there is no stack "aii" on this host\s+did you mean "ai"\?/);
    opened[0]?.problems.splice(0);
  });

  it("drift must appear and go without the page being loaded again, and leave focus and what is open alone", async () => {
    const own = await startOwn();
    await own.host.ports.store.write("hold/web", { sinceMs: own.host.clock.nowMs() });
    await own.host.tick();
    const page = await open(own.url);
    await page.locator(".live.on").waitFor();
    await page.evaluate("sameDocument = true");
    const details = page.locator(".history details").first();
    await details.locator("summary").click();
    await page.locator("#stack-web").focus();
    removeService(own.host, "app");
    await own.host.tick();
    await page.getByText("service app has no container").first().waitFor();
    await waitLong("the title tells it", async () => (await page.title()) === "box: needs attention");
    assert.match((await page.locator('link[rel="icon"]').getAttribute("href")) ?? "", /tone=bad/);
    assert.equal(await page.evaluate("sameDocument"), true);
    assert.equal(await page.evaluate("document.activeElement.id"), "stack-web");
    assert.equal(await page.locator(".history details[open]").count(), 1);
    own.api.resume("web");
    await own.host.settle();
    await page.getByText("All 2 stacks run as committed.").waitFor();
    assert.equal(await page.evaluate("sameDocument"), true);
  });

  it("an agent that goes away must be told, and followed again when it is back", async () => {
    const listen = `127.0.0.1:${await findFreePort()}`;
    const before = await startOwn({}, "First", { listen });
    const page = await open(before.url);
    await page.locator(".live.on").waitFor();
    await before.stop();
    await page.getByText("Not connected").waitFor();
    assert.match(await text(page, "summary"), /All 2 stacks run as committed/);
    const again = await startOwn(stackFiles("more", { one: "" }), "Second", { listen });
    await page.getByText("All 3 stacks run as committed").waitFor();
    assert.equal(again.url, before.url);
    opened[0]?.problems.splice(0);
  });

  it("whatever comes from the repository or the host must be text and nothing else", async () => {
    const evil = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>"'&`;
    const own = await startOwn(
      stackFiles("web", { app: "" }, "verify: {probes: [{http: {url: 'http://127.0.0.1:1/<b>'}}]}\n"),
      evil,
    );
    own.host.probes.failing.set("http http://127.0.0.1:1/<b>", evil);
    await own.api.suspend("db", { reason: evil });
    for (let round = 0; round < 3; round += 1) await pass(own.host, 31_000);
    for (const path of ["/", "/stacks/web", "/stacks/db", "/fleet"]) {
      const page = await open(`${own.url}${path}`);
      assert.ok((await shown(page.getByRole("main"))).includes(evil), path);
      assert.deepEqual(
        [await page.locator("main img, main script, main b").count(), (await page.title()).includes("owned")],
        [0, false],
      );
    }
  });

  it("on a phone nothing must be wider than the screen", async () => {
    const page = await open(agent.url, { viewport: { width: 360, height: 740 }, hasTouch: true });
    await signIn(page, agent);
    for (const path of PATHS) {
      await page.goto(`${agent.url}${path}`);
      assert.equal(await page.evaluate(WIDTHS), "360 of 360", path);
    }
    await page.goto(`${agent.url}/stacks/ai`);
    await page.locator("#suspend-open").click();
    assert.equal(await page.evaluate(WIDTHS), "360 of 360");
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`must have nothing that axe finds wrong, ${colorScheme}`, async () => {
      const page = await open(agent.url, { colorScheme });
      const check = async (path: string): Promise<void> => {
        await page.goto(`${agent.url}${path}`);
        for (const summary of await page.locator("main summary").all()) await summary.click();
        // As a debugger does, so that the pages' own policy stays as it is.
        await page.evaluate(AXE);
        const { violations, passes } = (await page.evaluate("axe.run()")) as AxeResults;
        const found = violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`,
        );
        assert.deepEqual(found, [], path);
        assert.ok(
          passes.some(({ id }) => id === "color-contrast"),
          path,
        );
      };
      for (const path of PATHS) await check(path);
      await signIn(page, agent);
      for (const path of [...PATHS.slice(0, 3), "/stacks/ai?log=ai-ollama-1"]) await check(path);
    });
  }

  it("by keyboard alone one must get past the header, sign in, suspend a stack and resume it", async () => {
    const own = await startOwn();
    const page = await open(own.url);
    const focused = (): Promise<string> =>
      page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id");
    const tabTo = async (word: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press("Tab");
        if ((await focused()) === word) return;
      }
      assert.fail(`Tab does not lead to ${word}`);
    };
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate("document.activeElement.id"), "main");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "db", "the header is behind");
    await page.reload();
    await tabTo("Sign in");
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    assert.equal(outline, "solid", "what has the focus is seen");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${own.url}/login`);
    await page.keyboard.type(own.token);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${own.url}/`);
    await tabTo("web");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${own.url}/stacks/web`);
    await tabTo("Suspend…");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.type("a new disk");
    await tabTo("Suspend");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=suspend/);
    const [hold] = own.api.status().holds;
    assert.deepEqual([hold?.stack, hold?.reason], ["web", "a new disk"]);
    assert.equal(Math.round((Date.parse(hold?.until ?? "") - Date.parse(hold?.since ?? "")) / 3_600_000), 4);
    await page.getByText("web is suspended", { exact: true }).waitFor();
    await tabTo("Resume");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=resume/);
    assert.deepEqual(own.api.status().holds, []);
    await tabTo("Sign out");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Sign in" }).waitFor();
    assert.equal((await page.context().cookies()).length, 0);
  });

  it("what is typed must stay when the page is brought up to date", async () => {
    const own = await startOwn();
    const page = await open(own.url);
    await signIn(page, own, "/stacks/web");
    await page.locator(".live.on").waitFor();
    await page.locator("#suspend-open").click();
    await page.getByLabel("Why").fill("half a rea");
    removeService(own.host, "app");
    await own.host.tick();
    await page.getByText("healed").first().waitFor();
    assert.equal(await page.getByLabel("Why").inputValue(), "half a rea");
  });

  it("without JavaScript they must show the same, load anew by themselves, and let one sign in and act", async () => {
    const own = await startOwn();
    const page = await open(own.url, { javaScriptEnabled: false });
    assert.match(await shown(page.getByRole("main")), /All 2 stacks run as committed/);
    assert.equal(await page.locator('meta[http-equiv="refresh"]').getAttribute("content"), "15");
    await signIn(page, own, "/stacks/web");
    await page.locator("#suspend-open").click();
    await page.locator("#suspend").click();
    await page.waitForURL(/done=suspend/);
    assert.match(await shown(page.getByRole("main")), /web is suspended/);
    own.host.git.commit(stackFiles("more", { one: "" }));
    await page.goto(own.url);
    await page.getByRole("button", { name: "Reconcile now" }).click();
    await page.waitForURL(/done=sync/);
    await waitLong("the sync has found the new stack", () => own.api.status().stacks.some(({ name }) => name === "more"));
  });

  it("logs must be shown to who has signed in only, when they are asked for, without secrets and escapes", async () => {
    const own = await startOwn();
    const lines = ["\u001b[31mready\u001b[0m", "login with password=hunter22", `<b>${"x".repeat(900)}`];
    const [container] = own.host.world.containers().filter(({ project }) => project === "web");
    own.host.world.change(container?.id ?? "", { log: lines });
    const page = await open(`${own.url}/stacks/web?log=web-app-1`);
    assert.equal(await page.locator("#log, a[href*='log=']").count(), 0);
    await signIn(page, own, "/stacks/web");
    assert.equal(await page.locator("#log").count(), 0);
    await page.getByRole("link", { name: "Log of web-app-1" }).click();
    const log = await shown(page.locator("pre.log"));
    const [first, second, third] = log.split("\n");
    assert.deepEqual([first, second, third?.length], ["ready", "login with password=***", 401]);
    await page.goto(`${own.url}/stacks/web?log=db-db-1`);
    assert.match(await shown(page.getByRole("main")), /stack "web" has no container "db-db-1"/);
  });

  it("the fleet page must show every host, who is behind and who cannot be reached, and bring itself up to date", async () => {
    const [attic, , nas] = fleet.agents as [ServedHost, ServedHost, ServedHost];
    const page = await open(`${attic.url}/fleet`);
    const hosts = await text(page, "hosts");
    assert.match(hosts, /attic this host\s+healthy/);
    assert.match(
      hosts,
      /gpu-box\s+not healthy[\s\S]*ai unhealthy, media drifted, monitoring held; 1 hold in force; fires HoldfastDrift/,
    );
    assert.match(hosts, /lan-router\s+unreachable\s+unknown\s+the connection was refused/);
    assert.match(hosts, /nas\s+healthy\s+[0-9a-f]{7}\s+behind/);
    assert.match(hosts, /printer\s+not asked\s+unknown\s+its host file has no address/);
    assert.match(
      await text(page, "revisions"),
      /2\/3\s+\w{7} Prometheus 3\.1: native histograms\s+current\s+attic, gpu-box\s+1\/3\s+\w{7} Everything that the house runs\s+behind\s+nas/,
    );
    assert.match(await text(page, "stacks"), /media\s+gpu-box\s+drifted and unhealthy\s+nas\s+healthy/);
    assert.equal(
      await page.getByRole("link", { name: "gpu-box" }).getAttribute("href"),
      `${agent.url.replace("127.0.0.1", "localhost")}/`,
    );
    removeService(nas.host, "metube");
    await nas.host.tick();
    await page
      .getByText("media drifted and unhealthy; fires")
      .or(page.getByText(/nas drifted/))
      .first()
      .waitFor();
  });
});
