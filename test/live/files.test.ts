import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const STACK = "desired-state/stacks/web";
/** Reads its file at its start and whenever it gets HUP, and says so. */
const TOLD =
  "init: true\ncommand: [sh, -c, 'read(){ cat /etc/told.conf > /seen; echo told >> /times; }; trap read HUP; read; touch /ready; while :; do sleep 0.1; done']\nhealthcheck: {test: [CMD, test, -e, /ready], interval: 1s}";
const STARTED = "init: true\ncommand: [sh, -c, 'cat /etc/app.toml > /seen; sleep 100000']\nstop_grace_period: 1s";
const COMPOSE = compose(
  {
    site: "init: true\ncommand: [httpd, -f, -p, '80', -h, /www]\nvolumes: ['./site:/www:ro']",
    told: `${TOLD}\nvolumes: ['./conf/told.conf:/etc/told.conf:ro']`,
    other: `${TOLD}\nvolumes: ['./conf/told.conf:/etc/told.conf:ro']`,
    replaced: "init: true\nvolumes: ['./conf/told.conf:/etc/told.conf:ro']",
    started: `${STARTED}\nvolumes: ['./conf/app.toml:/etc/app.toml:ro']`,
    hidden: "init: true\nsecrets: [hidden]\nconfigs: [shown]",
    writer: "init: true\ncommand: [sh, -c, 'echo mine >> /state/counter; sleep 100000']\nvolumes: ['./state:/state']",
    beside: "init: true\nenv_file: [beside.env]",
  },
  "secrets: {hidden: {file: ./conf/hidden.txt}}\nconfigs: {shown: {file: ./conf/shown.txt}}\n",
).replaceAll('    command: [sleep, "100000"]\n    init: true\n    command', "    init: true\n    command");

const ON_CHANGE = `onChange:
  - {files: ["conf/*.conf"], service: told, action: signal, signal: HUP}
  - {files: ["conf/told.conf"], service: other, action: signal, signal: SIGHUP}
  - {files: ["conf/app.toml"], service: started, action: restart}
`;

describe("files that Holdfast placed, edited on the host", () => {
  let host: Host;
  const stop = new AbortController();
  let running: Promise<void>;

  before(async () => {
    host = await startHost({ intervalMs: 1_000 });
    mkdirSync(join(host.directory, "env"));
    writeFileSync(join(host.directory, "env/web.env"), "TOKEN=correct-horse\n", { mode: 0o600 });
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      [`${STACK}/stack.yaml`]: `hosts: all\nhostEnvFiles: [web.env]\n${ON_CHANGE}`,
      [`${STACK}/compose.yaml`]: COMPOSE,
      [`${STACK}/site/index.html`]: "hello\n",
      [`${STACK}/site/sub/page.html`]: "page\n",
      [`${STACK}/conf/told.conf`]: "one\n",
      [`${STACK}/conf/app.toml`]: "level = 1\n",
      [`${STACK}/conf/hidden.txt`]: "s3cr3t-file\n",
      [`${STACK}/conf/shown.txt`]: "shown\n",
      [`${STACK}/state/counter`]: "0\n",
      [`${STACK}/beside.env`]: "A=1\n",
    });
    running = host.run(stop.signal);
    running.catch(() => undefined);
    await settled();
  });
  after(async () => {
    stop.abort();
    await running?.catch(() => undefined);
    await host?.stop();
  });

  const placed = (path: string): string => join(host.directory, "state/stacks/web", path);
  const read = (path: string): string => readFileSync(placed(path), "utf8");
  const problems = (): string => JSON.stringify(host.log.filter((line) => line["level"] !== "info"));
  const inside = (service: string, path: string): Promise<string> => host.docker("exec", `web-${service}-1`, "cat", path);
  const times = async (service: string): Promise<number> => (await inside(service, "/times")).split("\n").length;

  /** Resolves when everything runs as it should and nobody has anything left to look at. */
  async function settled(): Promise<void> {
    await waitUntil(
      "the host is as it should be",
      () => {
        const { quiet, watch, files, plan, health } = host.memory();
        const idle = quiet && !watch.news && files.told.size === 0 && plan?.drift.length === 0;
        return idle && health.get("web")?.value === "healthy";
      },
      { timeoutMs: 60_000 },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(host.memory().plan)}\n${problems()}`);
    });
  }

  async function ids(): Promise<Record<string, string>> {
    return Object.fromEntries((await host.containers()).map(({ service, id }) => [service, id]));
  }

  /** Does something, waits for it to be over, and tells which services have another container. */
  async function replacedBy(act: () => unknown, over: () => boolean | Promise<boolean>): Promise<string[]> {
    const before = await ids();
    host.forget("heal/web");
    await act();
    await waitUntil("what was done is noticed and over", over, { timeoutMs: 60_000 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(host.memory().plan)}\n${problems()}`);
    });
    await settled();
    const now = await ids();
    assert.deepEqual(Object.keys(now).sort(), Object.keys(before).sort());
    return Object.keys(now).filter((service) => now[service] !== before[service]);
  }

  const lastLog = (message: string) => host.log.findLast((line) => line.msg === message);

  const EDITS: readonly (readonly [string, string, () => void, readonly string[]])[] = [
    ["an edit in place", "site/index.html", () => appendFileSync(placed("site/index.html"), "hacked\n"), ["site"]],
    [
      "an editor that saves by renaming",
      "site/sub/page.html",
      () => {
        writeFileSync(placed("site/sub/.page.html.swp"), "hacked\n");
        renameSync(placed("site/sub/.page.html.swp"), placed("site/sub/page.html"));
      },
      ["site"],
    ],
    ["deleting", "conf/hidden.txt", () => rmSync(placed("conf/hidden.txt")), ["hidden"]],
    ["chmod", "conf/shown.txt", () => chmodSync(placed("conf/shown.txt"), 0o600), ["hidden"]],
    [
      "an empty directory in its place",
      "site/index.html",
      () => {
        rmSync(placed("site/index.html"));
        mkdirSync(placed("site/index.html"));
      },
      ["site"],
    ],
    [
      "a symbolic link in its place",
      "site/index.html",
      () => {
        rmSync(placed("site/index.html"));
        symlinkSync("/etc/hostname", placed("site/index.html"));
      },
      ["site"],
    ],
    ["a directory that was moved away", "site/sub/page.html", () => renameSync(placed("site"), placed("site.old")), ["site"]],
    ["a file that no container mounts", "beside.env", () => writeFileSync(placed("beside.env"), "A=2\n"), []],
  ];
  for (const [what, path, act, services] of EDITS) {
    it(`${what} must be undone at once, and only the services that mount the file be replaced`, async () => {
      const [content, steps] = [read(path), host.log.length];
      const edited = () => host.log.slice(steps).some((line) => line.msg === "placed file differs");
      const replaced = await replacedBy(
        act,
        () => edited() && statSync(placed(path), { throwIfNoEntry: false })?.isFile() === true,
      );
      assert.deepEqual(replaced, services);
      assert.equal(read(path), content);
      assert.equal((statSync(placed(path)).mode & 0o7777).toString(8), "644");
      const alerted = host.log
        .slice(steps)
        .filter((line) => line.msg === "step")
        .flatMap((line) => line["causes"]);
      assert.match(JSON.stringify(alerted), /files-edited: /);
      rmSync(placed("site.old"), { recursive: true, force: true });
    });
  }

  it("a directory with content in its place must be a readable failure that touches nothing, until it is moved away", async () => {
    const steps = host.log.length;
    rmSync(placed("beside.env"));
    mkdirSync(placed("beside.env"));
    writeFileSync(placed("beside.env/mine"), "data");
    const failure = await waitUntil(
      "the step has failed",
      () => host.log.slice(steps).find((line) => line.msg === "step failed"),
      {
        timeoutMs: 30_000,
      },
    );
    assert.match(
      String(failure["error"]),
      /stacks\/web\/beside\.env is a directory: a file or directory of the repository belongs there/,
    );
    assert.equal(read("beside.env/mine"), "data");
    rmSync(placed("beside.env"), { recursive: true });
    await waitUntil("the file is back", () => statSync(placed("beside.env"), { throwIfNoEntry: false })?.isFile(), {
      timeoutMs: 60_000,
    });
    await settled();
  });

  it("what was changed must be told as a diff, without secrets", async () => {
    await replacedBy(
      () => writeFileSync(placed("site/index.html"), "hello\ntoken is correct-horse\npassword: hunter2hunter2\n"),
      () => read("site/index.html") === "hello\n",
    );
    const line = lastLog("placed file differs");
    assert.equal(
      line?.["diff"],
      "--- site/index.html as placed\n+++ site/index.html as found\n@@ -1,1 +1,3 @@\n hello\n+token ***\n+password: ***",
    );
    assert.equal(line?.["cause"], "site/index.html was edited by hand");
    await replacedBy(
      () => writeFileSync(placed("conf/hidden.txt"), "other-secret\n"),
      () => read("conf/hidden.txt") === "s3cr3t-file\n",
    );
    assert.doesNotMatch(JSON.stringify(host.log), /correct-horse|hunter2|other-secret|s3cr3t-file/);
  });

  it("a file that a container may write must be left as the container made it", async () => {
    assert.match(read("state/counter"), /^0\nmine\n/);
    const finding = host.memory().desired?.findings.find(({ rule }) => rule === "writable-placed-file");
    assert.equal(finding?.severity, "warning");
    // Something else that is edited is looked at; the counter is not.
    const replaced = await replacedBy(
      () => writeFileSync(placed("conf/shown.txt"), "x"),
      () => read("conf/shown.txt") === "shown\n",
    );
    assert.deepEqual(replaced, ["hidden"]);
    assert.match(read("state/counter"), /^0\nmine\n/);
    await replacedBy(
      () => host.push({ [`${STACK}/site/index.html`]: "hello again\n" }),
      () => read("site/index.html") === "hello again\n",
    );
    assert.match(read("state/counter"), /^0\nmine\n/, "also when a revision does not change it");
    const now = await replacedBy(
      () => host.push({ [`${STACK}/state/counter`]: "100\n" }),
      () => read("state/counter").startsWith("100\n"),
    );
    assert.deepEqual(now, ["writer"]);
  });

  it("a changed file must reach every service in the way that it asks for, and no other service", async () => {
    const inode = statSync(placed("conf/told.conf")).ino;
    const [told, other] = [await times("told"), await times("other")];
    const replaced = await replacedBy(
      () => host.push({ [`${STACK}/conf/told.conf`]: "two\nand longer\n" }),
      async () => (await inside("told", "/seen")) === "two\nand longer" && (await inside("other", "/seen")) === "two\nand longer",
    );
    assert.deepEqual(replaced, ["replaced"]);
    assert.equal(statSync(placed("conf/told.conf")).ino, inode, "the file keeps its inode");
    assert.deepEqual([await times("told"), await times("other")], [told + 1, other + 1]);
    assert.equal(await inside("replaced", "/etc/told.conf"), "two\nand longer");
    const step = host.log.findLast((line) => line.msg === "step" && line["action"] === "signal");
    assert.match(String(step?.["step"]), /^signal HUP to (told|other): conf\/told\.conf changed$/);
    await replacedBy(
      () => host.push({ [`${STACK}/conf/told.conf`]: "3\n" }),
      async () => (await inside("told", "/seen")) === "3",
    );
    assert.equal(read("conf/told.conf"), "3\n", "also when it gets shorter");
  });

  it("a file whose action is restart must restart its service, in the same container", async () => {
    const startedAt = () => host.docker("inspect", "-f", "{{.State.StartedAt}}", "web-started-1");
    const before = await startedAt();
    const replaced = await replacedBy(
      () => host.push({ [`${STACK}/conf/app.toml`]: "level = 2\n" }),
      async () => (await inside("started", "/seen").catch(() => "")) === "level = 2",
    );
    assert.deepEqual(replaced, []);
    assert.notEqual(await startedAt(), before);
  });

  it("an edit of a file that a signal is for must be undone in its inode, and told by the signal", async () => {
    const inode = statSync(placed("conf/told.conf")).ino;
    const told = await times("told");
    const replaced = await replacedBy(
      () => writeFileSync(placed("conf/told.conf"), "hacked\n"),
      () => read("conf/told.conf") === "3\n",
    );
    assert.deepEqual(replaced, ["replaced"]);
    assert.equal(statSync(placed("conf/told.conf")).ino, inode);
    await waitUntil("it was told", async () => (await times("told")) > told);
    assert.equal(await inside("told", "/seen"), "3");
  });

  it("a change of what is read as env_file must replace its service and no other", async () => {
    const replaced = await replacedBy(
      () => host.push({ [`${STACK}/beside.env`]: "A=3\n" }),
      async () => (await host.docker("exec", "web-beside-1", "sh", "-c", "echo $A").catch(() => "")) === "3",
    );
    assert.deepEqual(replaced, ["beside"]);
  });

  it("losing the store must cost at most one signal and one restart", async () => {
    const told = await times("told");
    const before = await ids();
    host.forget("delivered/web");
    const replaced = await replacedBy(
      () => writeFileSync(placed("beside.env"), "hacked\n"),
      () => read("beside.env") === "A=3\n",
    );
    assert.deepEqual(replaced, []);
    assert.deepEqual(await ids(), before);
    await waitUntil("it was told", async () => (await times("told")) === told + 1);
    const steps = host.log.length;
    await replacedBy(
      () => writeFileSync(placed("beside.env"), "hacked\n"),
      () => read("beside.env") === "A=3\n",
    );
    assert.equal(
      host.log.slice(steps).some((line) => line["action"] === "signal" || line["action"] === "restart"),
      false,
    );
  });

  it("a host environment file that changes must be seen at once", async () => {
    const before = host.memory().desired?.stacks[0]?.inputs;
    writeFileSync(join(host.directory, "env/web.env"), "TOKEN=battery-staple\n");
    await waitUntil("the stack is made anew", () => host.memory().desired?.stacks[0]?.inputs !== before);
    await settled();
  });

  it("with files-edited: report an edit must be told and left", async () => {
    await replacedBy(
      () =>
        host.push({
          [`${STACK}/stack.yaml`]: `hosts: all\nhostEnvFiles: [web.env]\ndrift: {rules: {files-edited: report}}\n${ON_CHANGE}`,
        }),
      () => host.memory().desired?.stacks[0]?.drift.rules["files-edited"] === "report",
    );
    const before = await ids();
    writeFileSync(placed("site/index.html"), "mine\n");
    const firing = () => host.alerts().then((alerts) => alerts.some(({ labels }) => labels["kind"] === "files-edited"));
    await waitUntil("it is told", firing);
    assert.equal(read("site/index.html"), "mine\n");
    assert.deepEqual(await ids(), before);
    writeFileSync(placed("site/index.html"), "hello again\n");
    await waitUntil("it is over", async () => !(await firing()));
    await settled();
  });
});
