import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Review } from "../../agent/model/generated/review.ts";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { runCommand } from "../engine/run-command.ts";
import { gitEnvironment } from "../servers/git-repository.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { runHoldfast } from "./start-holdfast.ts";

const ROOT = join(import.meta.dirname, "../..");
const hasCompose = (await listComposePlugins()).length > 0;

/** A checkout of the example fleet with one commit. */
async function checkOut(): Promise<{
  directory: string;
  git(...args: string[]): Promise<string>;
  edit: Edit;
  commit(): Promise<void>;
}> {
  const directory = createTemporaryDirectory("hf-review-");
  const git = async (...args: string[]) =>
    (await runCommand(["git", "-C", directory, ...args], { environment: gitEnvironment })).stdout.trim();
  await runCommand(["cp", "-r", join(ROOT, "desired-state"), directory]);
  await git("init", "-q", "-b", "main");
  const commit = async () => {
    await git("add", "-A");
    await git("commit", "-qm", "change");
  };
  await commit();
  const edit: Edit = (file, from, to) => {
    const path = join(directory, "desired-state", file);
    const text = readFileSync(path, "utf8");
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(path, text.replace(from, to));
  };
  return { directory, git, edit, commit };
}

type Edit = (file: string, from: string, to: string) => void;

const LB = "stacks/pi-lb/compose.yaml";

describe("holdfast plan --base", { concurrency: 2, skip: hasCompose ? false : "Docker Compose is not installed" }, () => {
  test("must tell of nothing, and exit 0, where nothing changes", async () => {
    const { directory, git } = await checkOut();
    const head = (await git("rev-parse", "HEAD")).slice(0, 12);
    const { exitCode, stdout, stderr } = await runHoldfast(["plan", "--base", "main", "--all-hosts"], { cwd: directory });
    const hosts = ["gpu-box", "pi-db", "pi-lb", "pi-web1", "pi-web2"].map((host) => `${host}: nothing changes\n`);
    assert.deepEqual([exitCode, stdout, stderr], [0, `${head} -> ${head}\n${hosts.join("")}`, ""]);
  });

  test("must tell what a change does on each host, and exit 2", async () => {
    const { directory, edit, commit, git } = await checkOut();
    edit(LB, "nginx:1.28.0-alpine", "nginx:1.29-alpine");
    edit("fleet.yaml", "PI_DB_IP: 192.168.254.124", "PI_DB_IP: 192.168.254.125");
    await commit();
    const review = await runHoldfast(["plan", "--base", "HEAD~1", "--head", "main", "--all-hosts", "-o", "json"], {
      cwd: directory,
    });
    assert.equal(review.exitCode, 2, review.stderr);
    const { base, head, result, hosts } = JSON.parse(review.stdout) as Review;
    assert.deepEqual([base, head, result], [await git("rev-parse", "HEAD~1"), await git("rev-parse", "HEAD"), "changes"]);
    const told = hosts.flatMap(({ host, stacks }) =>
      stacks.flatMap(({ stack, services }) =>
        services.map(({ effect, service, causes }) => `${host} ${stack}: ${effect} ${service}: ${causes.join(", ")}`),
      ),
    );
    assert.deepEqual(told, [
      "pi-lb pi-lb: recreate nginx: image nginx:1.28.0-alpine -> nginx:1.29-alpine",
      "pi-web1 pi-web: recreate api: environment DB_HOST changed",
      "pi-web2 pi-web: recreate api: environment DB_HOST changed",
    ]);
    // What a variable does not reach is not touched, although it is made from other variables than before.
    assert.deepEqual(hosts.find(({ host }) => host === "gpu-box")?.untouched, ["ai", "pihole", "proxy"]);
    const one = await runHoldfast(["plan", "--base", "HEAD~1", "--host", "pi-db"], { cwd: directory });
    assert.equal(one.exitCode, 0, one.stdout);
    assert.match(one.stdout, /^\S+ -> \S+\npi-db: nothing changes\n$/);
  });

  test("must plan what is not committed with --head .", async () => {
    const { directory, edit } = await checkOut();
    edit(LB, "mem_limit: 128m", "mem_limit: 256m");
    const { exitCode, stdout } = await runHoldfast(
      ["plan", "--base", "HEAD", "--head", ".", "--directory", join(directory, "desired-state"), "--host", "pi-lb"],
      { cwd: "/" },
    );
    assert.equal(exitCode, 2);
    assert.match(stdout, /-> working-tree\npi-lb: 1 service recreated[\s\S]* {4}recreate nginx: mem_limit changed\n/);
  });

  test("must not take values that stay on a host for a change", async () => {
    const { directory, edit } = await checkOut();
    edit("stacks/pihole/compose.yaml", "FTLCONF_dns_listeningMode: all", "FTLCONF_dns_listeningMode: local");
    const args = ["plan", "--base", "HEAD", "--head", ".", "--host", "gpu-box", "-o", "markdown"];
    const { exitCode, stdout } = await runHoldfast(args, { cwd: directory });
    assert.equal(exitCode, 2);
    assert.match(stdout, /\*\*recreate pihole\*\*: `environment FTLCONF_dns_listeningMode changed`\n/);
    assert.match(stdout, /Untouched stacks: `ai`, `proxy`/);
    assert.doesNotMatch(stdout, /unknown-here/);
  });

  test("must let no text of a change be a line, a command of the job, or something else than it is", async () => {
    const { directory, edit } = await checkOut();
    edit(
      LB,
      "restart: unless-stopped",
      'restart: unless-stopped\n    labels: {"a\\n::error::one\\e[2J": "b"}\n    environment: {"A\\n::error::two": "x\\u202ey"}',
    );
    for (const format of ["text", "markdown"]) {
      const args = ["plan", "--base", "HEAD", "--head", ".", "--all-hosts", "--output", format];
      const { exitCode, stdout } = await runHoldfast(args, { cwd: directory });
      assert.equal(exitCode, 2);
      assert.match(stdout, /::error::one/);
      assert.doesNotMatch(stdout, /^\s*::|[^\P{Cc}\n]|\p{Cf}/mu);
    }
  });

  test("must say where a stack is invalid, leave it alone, and exit 3", async () => {
    const { directory, edit } = await checkOut();
    edit(LB, "restart: unless-stopped", "restrat: unless-stopped");
    const { exitCode, stdout } = await runHoldfast(["plan", "--base", "HEAD", "--head", ".", "--all-hosts"], { cwd: directory });
    assert.equal(exitCode, 3);
    assert.match(stdout, /^pi-lb: 1 stack invalid \(pi-lb\)$/m);
    assert.match(stdout, /^ {4}note: it is invalid, and stays as it is in the base$/m);
    assert.match(stdout, /^ {2}desired-state\/stacks\/pi-lb\/compose\.yaml:\d+:\d+: .*restrat.* \([a-z-]+\)$/m);
  });

  test("must say when the whole revision is rejected on a host", async () => {
    const { directory } = await checkOut();
    writeFileSync(join(directory, "desired-state/hosts/pi-lb.yaml"), "platfrom: linux/arm64\n");
    const { exitCode, stdout } = await runHoldfast(["plan", "--base", "HEAD", "--head", ".", "--host", "pi-lb"], {
      cwd: directory,
    });
    assert.equal(exitCode, 3);
    assert.match(stdout, /^pi-lb: the revision is rejected; nothing changes\n {2}rejected: .*host's file is invalid$/m);
    assert.match(stdout, /^ {2}desired-state\/hosts\/pi-lb\.yaml:1:1: unknown key "platfrom"/m);
  });

  test("must judge by the policy of an agent.yaml that is named, and the stricter wins", async () => {
    const { directory, edit } = await checkOut();
    edit(LB, "mem_limit: 128m", "privileged: true");
    const config = join(directory, "agent.yaml");
    const run = (...args: string[]) =>
      runHoldfast(["plan", "--base", "HEAD", "--head", ".", "--host", "pi-lb", ...args], { cwd: directory });
    const warned = await run();
    assert.equal(warned.exitCode, 2);
    assert.match(warned.stdout, /compose\.yaml:\d+:\d+: warning: .*privileged/);
    writeFileSync(config, "host: somewhere-else\npolicy: {privileged: enforce}\n");
    const refused = await run("--config", config);
    assert.equal(refused.exitCode, 3, refused.stdout + refused.stderr);
    assert.match(refused.stdout, /^pi-lb: 1 stack invalid \(pi-lb\)$/m);
    // What the repository enforces cannot be loosened from outside.
    writeFileSync(config, "policy: {privileged: off}\n");
    edit("fleet.yaml", "vars:", "policy: {privileged: enforce}\nvars:");
    assert.equal((await run("--config", config)).exitCode, 3);
  });

  test("must hold a removal until a commit confirms it", async () => {
    const { directory, git } = await checkOut();
    rmSync(join(directory, "desired-state/stacks/pi-db"), { recursive: true });
    await git("commit", "-qam", "remove");
    const args = ["plan", "--base", "main~1", "--host", "pi-db"];
    const held = await runHoldfast(args, { cwd: directory });
    assert.equal(held.exitCode, 2);
    assert.match(
      held.stdout,
      /^ {2}held: it would remove the last of this host's stacks \(pi-db\); confirm it with a line "Holdfast-Allow/m,
    );
    assert.match(held.stdout, /data: volume pi-db_data is no longer mounted by mariadb; it stays, with its data$/m);
    await git("commit", "-q", "--amend", "-m", "remove\n\nHoldfast-Allow-Removal: pi-db");
    const confirmed = await runHoldfast(args, { cwd: directory });
    assert.equal(confirmed.exitCode, 2);
    assert.doesNotMatch(confirmed.stdout, /held/);
    assert.match(confirmed.stdout, /remove mariadb: the stack leaves this host/);
  });

  test("must say readably what was not understood, and exit 1", async () => {
    const { directory } = await checkOut();
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["--base", "nothing", "--all-hosts"], /^holdfast: .* has no commit "nothing"\n {2}check the name; a shallow clone/],
      [
        ["--base", "main", "--host", "nowhere"],
        /^holdfast: there is no host "nowhere" in either revision\n {2}take --host with one of gpu-box, /,
      ],
      [["--all-hosts"], /^holdfast: --all-hosts needs --base\n/],
      [["--output", "markdown"], /^holdfast: --output markdown needs --base\n/],
      [["--base", "main", "--all-hosts", "--directory", "nowhere"], /^holdfast: .*nowhere is no directory\n/],
    ];
    for (const [args, expected] of cases) {
      const { exitCode, stdout, stderr } = await runHoldfast(["plan", ...args], { cwd: directory });
      assert.deepEqual([exitCode, stdout], [1, ""], args.join(" "));
      assert.match(stderr, expected);
    }
  });
});
