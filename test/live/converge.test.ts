import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

describe("converging a pushed change", () => {
  let host: Host;
  before(async () => {
    host = await startHost();
  });
  after(() => host.stop());

  const HOST_FILE = "platform: linux/amd64\nlabels: {role: main}\nvars: {WHERE: here}\n";
  const WEB = compose(
    {
      db: 'healthcheck: {test: [CMD, "true"], interval: 1s}',
      web: 'environment: {MESSAGE: "${MESSAGE} ${WHERE}"}\nvolumes: ["./conf:/conf:ro", "data:/data"]\ndepends_on:\n  db: {condition: service_healthy}\n  migrate: {condition: service_completed_successfully}',
      side: "network_mode: service:web",
    },
    `  migrate:
    image: busybox:1.35
    command: [sh, -c, "echo run >> /data/runs"]
    volumes: ["data:/data"]
    depends_on: {db: {condition: service_healthy}}
volumes: {data: {}}
`,
  );
  const OTHER = compose({ app: "" });

  async function ids(): Promise<Record<string, string>> {
    return Object.fromEntries((await host.containers()).map((container) => [container.name, container.id]));
  }

  it("a first push must bring every stack up in the order of its conditions", async () => {
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": HOST_FILE,
      "desired-state/stacks/web/stack.yaml": "hosts: {labels: {role: main}}\n",
      "desired-state/stacks/web/compose.yaml": WEB,
      "desired-state/stacks/web/conf/site.conf": "one\n",
      "desired-state/stacks/other/stack.yaml": "hosts: all\n",
      "desired-state/stacks/other/compose.yaml": OTHER,
      "desired-state/stacks/elsewhere/stack.yaml": "hosts: {labels: {role: none}}\n",
      "desired-state/stacks/elsewhere/compose.yaml": OTHER,
    });
    assert.equal(await host.settle(), "converged");
    const states = (await host.containers()).map((container) => `${container.name} ${container.state}`).sort();
    assert.deepEqual(states, [
      "other-app-1 running",
      "web-db-1 running",
      "web-migrate-1 exited",
      "web-side-1 running",
      "web-web-1 running",
    ]);
    assert.equal(await host.docker("exec", "web-web-1", "sh", "-c", 'echo "$MESSAGE"; cat /conf/site.conf'), "hello here\none");
  });

  it("a tick that finds nothing must change nothing and make one request on each side", async () => {
    const before = await ids();
    host.git.resetCounters();
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(await ids(), before);
    assert.equal(host.git.requests.length, 1);
    assert.equal(await host.docker("exec", "web-web-1", "cat", "/data/runs"), "run");
  });

  it("a finished one-shot that was pruned must not run again, and what waits for it must not wait", async () => {
    await host.docker("container", "prune", "-f");
    assert.equal(await host.container("web-migrate-1"), undefined);
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(host.memory().plan?.drift, []);
    host.restart();
    assert.equal(await host.settle(), "converged");
    await host.docker("rm", "-f", "web-web-1");
    assert.equal(await host.settle(), "converged");
    assert.equal(await host.container("web-migrate-1"), undefined);
    assert.equal(await host.docker("exec", "web-web-1", "cat", "/data/runs"), "run");
  });

  it("a changed file must reach the services that mount it, and no other container", async () => {
    const before = await ids();
    await host.push({ "desired-state/stacks/web/conf/site.conf": "two\n" });
    assert.equal(await host.settle(), "converged");
    const now = await ids();
    assert.notEqual(now["web-web-1"], before["web-web-1"]);
    assert.notEqual(now["web-side-1"], before["web-side-1"], "side lives in web's network and has to follow it");
    for (const name of ["web-db-1", "other-app-1"]) assert.equal(now[name], before[name], name);
    assert.equal(
      await host.docker("exec", "web-web-1", "cat", "/conf/site.conf", "/data/runs"),
      "two\nrun",
      "the one-shot must not run again",
    );
    const step = host.log.findLast(
      (line) => line.msg === "step" && line["stack"] === "web" && String(line["step"]).includes("recreate web"),
    );
    assert.match(JSON.stringify(step), /file conf\/site\.conf changed/);
  });

  it("a changed variable must replace only the service that uses it, and the plan must name it", async () => {
    const before = await ids();
    await host.push({ "desired-state/hosts/box.yaml": HOST_FILE.replace("here", "there") });
    await host.settle();
    const now = await ids();
    assert.notEqual(now["web-web-1"], before["web-web-1"]);
    for (const name of ["web-db-1", "other-app-1"]) assert.equal(now[name], before[name], name);
    assert.match(JSON.stringify(host.log), /environment MESSAGE changed/);
  });

  it("a file that nobody mounts must be placed without touching a container", async () => {
    const before = await ids();
    await host.push({ "desired-state/stacks/web/README.md": "words\n" });
    assert.equal(await host.tick(), "converged");
    assert.deepEqual(await ids(), before);
  });

  it("a removed service must be removed as an orphan, its named volume kept", async () => {
    await host.push({
      "desired-state/stacks/other/compose.yaml": compose({ renamed: 'volumes: ["keep:/keep"]' }, "volumes: {keep: {}}\n"),
    });
    await host.settle();
    assert.equal(await host.container("other-app-1"), undefined);
    await host.push({ "desired-state/stacks/other/compose.yaml": OTHER });
    await host.settle();
    assert.equal(await host.container("other-renamed-1"), undefined);
    assert.match(await host.docker("volume", "ls", "-q"), /other_keep/);
  });

  it("the rendered model must be private and no secret may stand elsewhere", async () => {
    const { stat } = await import("node:fs/promises");
    const model = await stat(`${host.directory}/run/stacks/web/compose.json`);
    assert.equal((model.mode & 0o777).toString(8), "600");
    assert.equal(((await stat(`${host.directory}/run/stacks/web`)).mode & 0o777).toString(8), "700");
  });
});
