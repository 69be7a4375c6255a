import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { fleet, type Host, startHost } from "./start-host.ts";

const SERVER = (page: string): string =>
  `command: [sh, -c, "mkdir -p /www; echo ${page} > /www/index.html; exec httpd -f -p 80 -h /www"]\nports: ["127.0.0.1:8081:80"]`;
/** Has a real dnsmasq. */
const DNS_IMAGE = "pihole/pihole:2025.11.0";
const VERIFY = `hosts: all
verify:
  timeout: 40s
  interval: 1s
  probes:
    - {http: {url: "http://127.0.0.1:8081/", contains: good}}
    - {http: {service: web, port: 80, path: /index.html}}
    - {tcp: {address: "127.0.0.1:8081"}}
    - {exec: {service: web, command: [test, -f, /www/index.html]}}
`;

describe("a stack with probes", () => {
  let host: Host;
  let running: Promise<void>;
  const stop = new AbortController();
  before(async () => {
    host = await startHost({ intervalMs: 1_000, images: ["busybox:1.35", DNS_IMAGE] });
    await host.push({ "desired-state/fleet.yaml": fleet(host), "desired-state/hosts/box.yaml": "{}\n" });
    running = host.run(stop.signal);
    await push("web", SERVER("good"), VERIFY);
    await becomes("web", "verified");
  });
  after(async () => {
    stop.abort();
    await running;
    await host.stop();
  });

  const push = (stack: string, lines: string, text = "hosts: all\nverify: {timeout: 20s}\n") =>
    host.push({
      [`desired-state/stacks/${stack}/stack.yaml`]: text,
      [`desired-state/stacks/${stack}/compose.yaml`]: `services:\n  ${stack}:\n    image: busybox:1.35\n    restart: always\n    ${lines.replaceAll("\n", "\n    ")}\n`,
    });
  const state = (stack: string) => (host.read(`verification/${stack}`) as { state?: string } | undefined)?.state;
  const quarantine = (stack: string) => host.read(`quarantine/${stack}`) as { reason: string } | undefined;
  const becomes = (stack: string, as: string) =>
    waitUntil(`${stack} is ${as}`, () => state(stack) === as, { timeoutMs: 90_000, intervalMs: 200 }).catch((cause: unknown) => {
      throw new Error(
        `${stack} is ${as}: ${JSON.stringify([host.memory().probes.get(stack)?.verdict, host.read(`verification/${stack}`), quarantine(stack)])}`,
        { cause },
      );
    });
  const taken = (stack: string) =>
    waitUntil(`${stack} is taken back`, () => quarantine(stack) !== undefined, { timeoutMs: 90_000, intervalMs: 200 });
  const health = (stack: string) => host.memory().health.get(stack)?.value;

  it("must become unhealthy when one begins to fail, tell it after the timeout, and recover by itself", async () => {
    await host.docker("exec", "web-web-1", "sh", "-c", "mv /www/index.html /www/gone");
    await waitUntil("it is unhealthy", () => health("web") === "unhealthy", { timeoutMs: 120_000 });
    const told = host.memory().plan?.drift.map(({ kind, cause }) => `${kind} ${cause}`) ?? [];
    assert.match(told.join("\n"), /unhealthy probe (http|exec) /);
    const alert = await waitUntil(
      "it is told",
      async () => (await host.alerts()).find(({ name }) => name === "HoldfastStackUnhealthy"),
      { timeoutMs: 120_000 },
    );
    assert.match(JSON.stringify(alert), /probe .*8081.*404|probe exec/);
    await host.docker("exec", "web-web-1", "sh", "-c", "mv /www/gone /www/index.html");
    await waitUntil("it is healthy", () => health("web") === "healthy", { timeoutMs: 120_000 });
    await waitUntil("it is over", async () => !(await host.alerts()).some(({ name }) => name === "HoldfastStackUnhealthy"), {
      timeoutMs: 60_000,
    });
    assert.equal(state("web"), "verified", "nothing was taken back for it");
  });

  it("must go back when a revision runs but does not answer as it should", async () => {
    await push("web", SERVER("bad"), VERIFY);
    await taken("web");
    assert.match(
      quarantine("web")?.reason ?? "",
      /probe http http:\/\/127\.0\.0\.1:8081\/: expected any 2xx with "good", got 200 OK without it/,
    );
    await becomes("web", "verified");
    assert.equal(await host.docker("exec", "web-web-1", "cat", "/www/index.html"), "good");
  });

  it("that is a name server must be asked for a name, and go back when it does not know it any more", async () => {
    const text = `hosts: all
verify: {timeout: 30s, interval: 1s, probes: [{dns: {server: "127.0.0.1:5354", name: printer.lan, type: A}}]}
`;
    const serve = (name: string): Promise<string> => {
      const argv = [
        "/usr/sbin/dnsmasq",
        "--keep-in-foreground",
        "--user=root",
        "--no-resolv",
        "--no-hosts",
        `--host-record=${name},10.1.2.3`,
      ];
      return host.push({
        "desired-state/stacks/names/stack.yaml": text,
        "desired-state/stacks/names/compose.yaml": `services:\n  names:\n    image: ${DNS_IMAGE}\n    restart: always\n    command: ${JSON.stringify(argv)}\n    ports: ["127.0.0.1:5354:53/udp"]\n`,
      });
    };
    await serve("printer.lan");
    await becomes("names", "verified");
    const first = (await host.container("names-names-1"))?.id;
    await serve("scanner.lan");
    await taken("names");
    assert.match(
      quarantine("names")?.reason ?? "",
      /probe dns printer\.lan A at 127\.0\.0\.1:5354: expected an A record of printer\.lan, got /,
    );
    await becomes("names", "verified");
    assert.notEqual((await host.container("names-names-1"))?.id, first);
    assert.match(await host.docker("inspect", "--format", "{{.Config.Cmd}}", "names-names-1"), /printer\.lan/);
  });

  it("without any health check must not pass for verified while it crashes every few seconds", async () => {
    await push("crash", 'command: [sleep, "100000"]');
    await becomes("crash", "verified");
    for (const seconds of [4, 1]) {
      await push("crash", `command: [sh, -c, "sleep ${seconds}; echo no database; exit 1"]`);
      await waitUntil("it is on trial", () => state("crash") === "pending", { timeoutMs: 60_000, intervalMs: 100 });
      await waitUntil("it is judged", () => state("crash") !== "pending", { timeoutMs: 90_000, intervalMs: 50 });
      assert.match(quarantine("crash")?.reason ?? "nothing", /crash-crash-1.*no database/s);
      await becomes("crash", "verified");
    }
  });
});
