import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Doctor } from "../../agent/model/generated/doctor.ts";
import { runHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { type Alertmanager, startAlertmanager } from "../servers/alertmanager.ts";
import type { GitRepository } from "../servers/git-repository.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose } from "./start-host.ts";

const SECRET = "correct-horse-battery";
const MAIN = join(import.meta.dirname, "../../agent/main.ts");

describe("doctor on a real host", () => {
  const directory = createTemporaryDirectory("hf-doctor-");
  let engine: Engine;
  let git: GitServer;
  let repository: GitRepository;
  let alertmanager: Alertmanager;
  let environment: Readonly<Record<string, string>>;

  before(async () => {
    engine = await startEngine({ addresses: ["100.64.0.5"] });
    await loadImages(engine.socket, ["busybox:1.35"]);
    [git, alertmanager] = await Promise.all([startGitServer(), startAlertmanager()]);
    repository = await git.createRepository("infra");
    mkdirSync(join(directory, "env"));
    chmodSync(join(directory, "env"), 0o700);
    writeFileSync(join(directory, "env/app.env"), `PASSWORD=${SECRET}\n`, { mode: 0o600 });
    environment = {
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      HOLDFAST_HOST_ENV_DIR: join(directory, "env"),
      HOLDFAST_CONFIG: join(directory, "agent.yaml"),
    };
    writeFileSync(join(directory, "agent.yaml"), "log: {level: info}\n");
    await push({
      "fleet.yaml": `vars: {IP: 127.0.0.1}\nalerts: {alertmanager: [{url: "${alertmanager.url}"}]}\n`,
      "hosts/box.yaml": "labels: {}\n",
      "stacks/app/stack.yaml": "hosts: all\nhostEnvFiles: [app.env]\n",
      "stacks/app/compose.yaml": compose({ app: 'environment: {PASSWORD: "${PASSWORD}"}\nports: ["${IP}:8080:80"]' }),
    });
  });
  after(() => Promise.allSettled([git.stop(), alertmanager.stop(), engine.stop()]));

  const push = (files: Readonly<Record<string, string | null>>): Promise<string> =>
    repository.commit(Object.fromEntries(Object.entries(files).map(([path, text]) => [`desired-state/${path}`, text])));

  interface Seen {
    readonly report: Doctor;
    /** The checks of an area: `status: stack: what: expected -> fix`. */
    area(name: string): string[];
  }
  function read(text: string): Seen {
    assert.ok(!text.includes(SECRET), text);
    const report = JSON.parse(text) as Doctor;
    const area = (name: string) =>
      report.checks
        .filter((check) => check.area === name)
        .map(({ status, what, stack, actual, fix }) =>
          [`${status}: `, stack && `${stack}: `, what, actual && `: ${actual}`, fix && ` -> ${fix}`].filter(Boolean).join(""),
        );
    return { report, area };
  }
  async function doctor(more: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const { exitCode, stdout, stderr } = await runHoldfast(["doctor", "--output", "json"], {
      environment: { ...environment, ...more },
    });
    assert.equal(stderr, "");
    const seen = read(stdout);
    assert.equal(exitCode, seen.report.ok ? 0 : 1);
    return seen;
  }
  /** Where the engine is: its addresses and ports are not the test's. */
  async function doctorInside(): Promise<Seen> {
    const variables = Object.entries({ ...environment, HOLDFAST_REPOSITORY_URL: repository.path }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const script = '"$@" || [ $? = 1 ]';
    const argv = ["env", ...variables, process.execPath, MAIN, "doctor", "--output", "json"];
    return read((await engine.exec(["sh", "-c", script, "sh", ...argv])).stdout);
  }

  it("a host that has everything must get no error, and be left as it is", async () => {
    const { report, area } = await doctor();
    const wrong = report.checks.filter(({ status }) => status === "error");
    assert.deepEqual(wrong, []);
    assert.match(area("engine")[0] ?? "", /^ok: Docker \d+\.\S+ at \S+\/docker\.sock \(linux\/\w+, cgroup v[12]\)$/);
    assert.match(area("engine").at(-1) ?? "", /^ok: Docker Compose \d/);
    const tip = await repository.resolve("main");
    assert.equal(report.revision, tip);
    const told = [
      `ok: main is at ${tip?.slice(0, 12)} "Change desired-state/fleet.yaml, `,
      "ok: the clock agrees with that of the Git server",
    ];
    assert.ok(
      told.every((text, index) => area("repository")[index]?.startsWith(text)),
      String(area("repository")),
    );
    assert.equal(area("desired state")[0], "ok: hosts/box.yaml with 1 stack: app");
    assert.equal(area("requirements").at(-1), "ok: all that the host and its stack needs");
    assert.deepEqual(area("alerts"), [`ok: Alertmanager at ${alertmanager.url} takes alerts`]);
    assert.deepEqual(await alertmanager.alerts(), []);
    assert.deepEqual(readdirSync(directory).sort(), ["agent.yaml", "env"], "neither state nor runtime directory is made");
    assert.equal((await engine.docker(["ps", "--all", "--quiet"])).stdout, "");
  });

  it("what requires asks for and the host has not must be told", async () => {
    await push({
      "hosts/box.yaml":
        `platform: linux/s390x\nrequires:\n  docker: ">=99"\n  compose: ">=2"\n  memory: 100TiB\n  disk: [{path: "${directory}/\${IP}", create: true, free: 1MiB}, {path: "${directory}/data"}]\n  addresses: ["\${IP}", 10.9.9.9]\n  commands: [sh, no-such-command]\n`.replace(
          "linux/s390x",
          process.arch === "arm64" ? "linux/amd64" : "linux/arm64",
        ),
      "stacks/app/stack.yaml":
        "hosts: all\nhostEnvFiles: [app.env]\nvars: {NEED: no-such-tool}\nrequires: {commands: [no-such-tool]}\n",
    });
    const { area } = await doctor();
    const expected = [
      "error: platform",
      "error: Docker",
      "error: memory",
      `error: disk ${directory}/data`,
      "error: address 10.9.9.9",
      "error: command no-such-command",
      "error: app: command no-such-tool",
    ];
    const told = area("requirements").slice(1);
    assert.deepEqual(
      told.map((line, index) => line.slice(0, expected[index]?.length)),
      expected,
    );
    await push({
      "hosts/box.yaml": "labels: {}\n",
      "stacks/app/stack.yaml": "hosts: all\nhostEnvFiles: [app.env]\n",
    });
  });

  it("what stands in the way of the stacks must be told, as the machine and the engine have it", async () => {
    await push({
      "fleet.yaml": "vars: {IP: 100.64.0.5}\n",
      "stacks/app/compose.yaml": compose(
        {
          app: 'environment: {PASSWORD: "${PASSWORD}"}\nports: ["${IP}:8080:80", "${IP}:8081:80", "${IP}:8082:80", "10.9.9.9:8083:80"]\nnetworks: [lan]\nruntime: runsc\nvolumes: ["/nonexistent/data:/data"]',
          gpu: "deploy: {resources: {reservations: {devices: [{driver: nvidia, capabilities: [gpu]}]}}}",
        },
        "networks: {lan: {external: true}}\n",
      ),
      "stacks/other/stack.yaml": "hosts: all\n",
      "stacks/other/compose.yaml": compose({ web: 'ports: ["8082:80"]' }),
    });
    await engine.docker([
      "run",
      "--detach",
      "--init",
      "--name",
      "stranger",
      "--publish",
      "8080:80",
      "busybox:1.35",
      "sleep",
      "1000",
    ]);
    const hosted = ["--network", "host", "--name", "hosted", "busybox:1.35", "httpd", "-f", "-p", "0.0.0.0:8081"];
    await engine.docker(["run", "--detach", "--init", ...hosted]);
    try {
      const { area } = await doctorInside();
      const told = area("requirements")
        .slice(1)
        .map((line) => line.replace(/ -> .*/, ""));
      assert.deepEqual(told.sort(), [
        "error: app: address 10.9.9.9, where app publishes 8083/tcp: 100.64.0.5, 172.17.0.1",
        "error: app: network lan: none",
        "error: app: port 100.64.0.5:8080/tcp of app: container stranger publishing it",
        "error: app: port 100.64.0.5:8081/tcp of app: container hosted listening on 0.0.0.0:8081/tcp",
        "error: app: runtime runsc of app: io.containerd.runc.v2, nvidia, runc",
        "error: other: port 8082/tcp of web: app of app publishing 100.64.0.5:8082/tcp",
        "warning: app: /nonexistent/data of app: nothing, and Docker would make an empty directory of root's",
      ]);
    } finally {
      await engine.docker(["rm", "--force", "stranger", "hosted"]);
    }
  });

  it("what the agent has converged must be in nobody's way", async () => {
    await push({
      "fleet.yaml": `vars: {IP: 127.0.0.1}\nalerts: {alertmanager: [{url: "${alertmanager.url}"}]}\n`,
      "stacks/app/compose.yaml": compose({ app: 'environment: {PASSWORD: "${PASSWORD}"}\nports: ["${IP}:8080:80"]' }),
      "stacks/other/stack.yaml": null,
      "stacks/other/compose.yaml": null,
    });
    const once = await runHoldfast(["once"], { environment });
    assert.equal(once.exitCode, 0, once.stderr);
    const { area } = await doctorInside();
    assert.deepEqual(area("requirements").slice(1), ["ok: all that the host and its stack needs"]);
  });

  it("without the Git server, what was accepted last must be checked", async () => {
    const accepted = await repository.resolve("main");
    await git.goDown();
    try {
      const { report, area } = await doctor();
      assert.equal(report.revision, accepted);
      assert.match(area("repository")[0] ?? "", /^error: http:\S+: the connection was refused/);
      assert.equal(
        area("repository")[1],
        `ok: ${accepted?.slice(0, 12)}, which was accepted last, stays in force and is checked here`,
      );
      assert.deepEqual(area("desired state").slice(0, 1), ["ok: hosts/box.yaml with 1 stack: app"]);
      assert.deepEqual(area("alerts"), [`ok: Alertmanager at ${alertmanager.url} takes alerts`]);
    } finally {
      await git.comeUp();
    }
  });

  it("a tip that is not trusted must be told, and not be checked any further", async () => {
    const signers = join(directory, "signers");
    const { stdout: key } = await engine.exec([
      "sh",
      "-c",
      `ssh-keygen -q -t ed25519 -N '' -f ${directory}/key && cat ${directory}/key.pub`,
    ]);
    writeFileSync(signers, `me ${key}`);
    const accepted = await repository.resolve("main");
    await push({ "hosts/box.yaml": "platform: linux/amd64\n" });
    const { report, area } = await doctor({ HOLDFAST_REPOSITORY_ALLOWED_SIGNERS: signers });
    assert.match(
      area("repository")[0] ?? "",
      /^error: main is at [0-9a-f]{12} ".*", which is not converged: the commit \S+ is not signed.* -> sign it/,
    );
    assert.equal(report.revision, accepted, "what is in force is");
  });

  it("mistakes in the desired state must be told as validate does", async () => {
    await push({ "stacks/app/stack.yaml": "hosts: all\nhostEnvFiles: [gone.env]\ndependsOnn: []\n" });
    const first = (await doctor()).area("desired state");
    assert.ok(
      first.some((line) =>
        /^error: app: desired-state\/stacks\/app\/stack\.yaml:3:1: .*dependsOn\b.*\(unknown-key\)$/.test(line),
      ),
      first.join("\n"),
    );
    await push({ "stacks/app/stack.yaml": "hosts: all\nhostEnvFiles: [gone.env]\n" });
    const second = (await doctor()).area("desired state");
    assert.ok(
      second.some((line) =>
        /^error: app: \S+stack\.yaml:2:16: \S+gone\.env: the file does not exist on this host.*\(host-env-file\)$/.test(line),
      ),
      second.join("\n"),
    );
    await push({ "hosts/box.yaml": null, "hosts/other.yaml": "labels: {}\n" });
    assert.deepEqual((await doctor()).area("desired state"), [
      "error: there is no hosts/box.yaml (hosts: other) -> name one of them as `host` in agent.yaml, or add the file",
    ]);
  });

  it("an engine that does not answer must be told, and the rest be checked", async () => {
    await push({ "hosts/box.yaml": "labels: {}\n", "stacks/app/stack.yaml": "hosts: all\nhostEnvFiles: [app.env]\n" });
    await engine.endDaemon();
    try {
      const { area } = await doctor();
      assert.match(area("engine")[0] ?? "", /^error: the Docker engine at \S+ cannot be reached: .* -> is the engine running/);
      assert.equal(area("requirements").length, 2);
      assert.equal(area("alerts").length, 1);
    } finally {
      await engine.startDaemon();
    }
  });

  it("an Alertmanager that cannot be reached, and the files that it is reached with, must be told", async () => {
    const token = join(directory, "alertmanager-token");
    writeFileSync(token, SECRET);
    chmodSync(token, 0o644);
    const nowhere = `{url: "http://127.0.0.1:1", bearerTokenFile: ${token}}`;
    const wrong = `{url: "${alertmanager.url}/no/such/path"}`;
    await push({ "fleet.yaml": `vars: {IP: 127.0.0.1}\nalerts: {alertmanager: [${nowhere}, ${wrong}]}\n` });
    const told = (await doctor()).area("alerts");
    assert.equal(told[0], `warning: bearerTokenFile ${token}: others can read it (mode 644) -> \`chmod 600 ${token}\``);
    assert.match(told[1] ?? "", /^error: Alertmanager at http:\/\/127\.0\.0\.1:1 cannot be reached: /);
    assert.match(told[2] ?? "", /^error: Alertmanager at \S+ refused alerts with 404/);
  });
});
