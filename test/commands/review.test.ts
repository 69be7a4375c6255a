import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { runCommand } from "../engine/run-command.ts";
import { type Kind, NUMBER, REPOSITORY, type StandInForge, startForge } from "../servers/forge.ts";
import { gitEnvironment } from "../servers/git-repository.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type Result, runHoldfast } from "./start-holdfast.ts";

const hasCompose = (await listComposePlugins()).length > 0;
const stops: (() => Promise<void>)[] = [];
after(async () => void (await Promise.all(stops.map((stop) => stop()))));

const COMPOSE = (image: string): string => `services:
  web:
    image: ${image}
    restart: unless-stopped
    environment: {MODE: "\${MODE}"}
`;

interface Pull {
  readonly directory: string;
  readonly base: string;
  readonly head: string;
  readonly forge: StandInForge;
  git(...args: string[]): Promise<string>;
  run(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Result>;
}

/** A checkout with a branch `change` beside `main`, which has moved on meanwhile, and the forge that has it as a pull request. */
async function propose(kind: Kind, files: Readonly<Record<string, string>>): Promise<Pull> {
  const directory = createTemporaryDirectory("hf-pull-");
  const git = async (...args: string[]): Promise<string> =>
    (await runCommand(["git", "-C", directory, ...args], { environment: gitEnvironment })).stdout.trim();
  const write = async (contents: Readonly<Record<string, string>>, message: string): Promise<string> => {
    for (const [path, text] of Object.entries(contents)) {
      await runCommand(["mkdir", "-p", join(directory, "desired-state", path, "..")]);
      writeFileSync(join(directory, "desired-state", path), text);
    }
    await git("add", "-A");
    await git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD");
  };
  await git("init", "-q", "-b", "main");
  const stack = { "stack.yaml": "hosts: all\n", "compose.yaml": COMPOSE("nginx:1.26") };
  const base = await write(
    {
      "fleet.yaml": "vars: {MODE: quiet}\n",
      "hosts/box.yaml": "{}\n",
      ...Object.fromEntries(
        ["shop", "other"].flatMap((name) => Object.entries(stack).map(([file, text]) => [`stacks/${name}/${file}`, text])),
      ),
    },
    "one",
  );
  await git("checkout", "-q", "-b", "change");
  const head = await write(files, "change");
  await git("checkout", "-q", "main");
  await write({ "stacks/other/compose.yaml": COMPOSE("nginx:1.25") }, "what others have pushed meanwhile");
  await git("checkout", "-q", "change");
  const tokens = { t0ken: "person", w0rkflow: "robot", r3ader: "reader", j0b: "job" } as const;
  const forge = await startForge({ kind, tokens, head, base });
  stops.push(forge.stop);
  const run = (environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Result> =>
    runHoldfast(["review", "--forge", kind, ...args], { cwd: directory, environment });
  return { directory, base, head, forge, git, run };
}

const CHANGED = { "stacks/shop/compose.yaml": COMPOSE("nginx:1.27") };
const INVALID = { "stacks/shop/compose.yaml": "services: {web: {imgae: nginx}}\n" };

/** What a job of GitHub Actions, or of those of Gitea and Forgejo, has in its environment. */
function actions(pull: Pull, ref: "merge" | "head", over: Readonly<Record<string, string>> = {}): Record<string, string> {
  const event = join(createTemporaryDirectory("hf-event-"), "event.json");
  writeFileSync(event, JSON.stringify({ pull_request: { number: NUMBER, head: { sha: pull.head }, base: { sha: pull.base } } }));
  return {
    GITHUB_API_URL: pull.forge.url,
    GITHUB_SERVER_URL: "https://forge.test",
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_RUN_ID: "42",
    GITHUB_EVENT_PATH: event,
    GITHUB_REF: `refs/pull/${NUMBER}/${ref}`,
    ...over,
  };
}

describe("holdfast review", { concurrency: 2, skip: hasCompose ? false : "Docker Compose is not installed" }, () => {
  test("must tell GitHub what the merged change does, and not what others have changed meanwhile", async () => {
    const pull = await propose("github", CHANGED);
    await pull.git("checkout", "-q", "main");
    await pull.git("merge", "-q", "--no-ff", "--no-edit", "change");
    const environment = actions(pull, "merge", { GITHUB_TOKEN: "w0rkflow" });
    const first = await pull.run(environment);
    assert.equal(first.exitCode, 2, first.stderr);
    assert.match(first.stdout, /^box: 1 service recreated[\s\S]* {4}recreate web: image nginx:1\.26 -> nginx:1\.27$/m);
    assert.match(first.stderr, /^holdfast: comment created: https:\/\/forge\.test\/\S+\n$/);
    const [comment] = pull.forge.comments;
    assert.match(
      comment?.body ?? "",
      /^<!-- holdfast review -->\n### What this change does\n\n- \*\*box\*\*: 1 service recreated/,
    );
    assert.doesNotMatch(comment?.body ?? "", /nginx:1\.25/);
    assert.deepEqual(pull.forge.statuses, [
      {
        commit: pull.head,
        state: "success",
        context: "holdfast",
        description: "box: 1 service recreated; interrupted: shop/web",
        target_url: "https://forge.test/me/infra/actions/runs/42",
      },
    ]);
    const second = await pull.run(environment);
    assert.equal(second.exitCode, 2);
    assert.match(second.stderr, /^holdfast: comment unchanged/);
    assert.equal(pull.forge.comments.length, 1);
  });

  test("must plan the proposed commit itself where that is checked out", async () => {
    for (const [kind, ref] of [
      ["github", "merge"],
      ["gitea", "head"],
    ] as const) {
      const pull = await propose(kind, CHANGED);
      const token = { [kind === "github" ? "GITHUB_TOKEN" : "GITEA_TOKEN"]: "w0rkflow" };
      const { exitCode, stdout, stderr } = await pull.run(actions(pull, ref, token));
      assert.equal(exitCode, 2, stderr);
      assert.match(stdout, new RegExp(`^${pull.base.slice(0, 12)} -> ${pull.head.slice(0, 12)}\n`));
      assert.doesNotMatch(stdout, /other \(/);
      assert.equal(pull.forge.comments.length, 1);
      assert.equal(pull.forge.statuses[0]?.commit, pull.head);
    }
  });

  test("must tell a merge request of GitLab", async () => {
    const pull = await propose("gitlab", CHANGED);
    const environment = {
      CI_API_V4_URL: pull.forge.url,
      CI_PROJECT_ID: "5",
      CI_MERGE_REQUEST_IID: String(NUMBER),
      CI_MERGE_REQUEST_PROJECT_ID: REPOSITORY,
      CI_MERGE_REQUEST_DIFF_BASE_SHA: pull.base,
      CI_COMMIT_SHA: pull.head,
      CI_JOB_URL: "https://forge.test/jobs/1",
      CI_PIPELINE_ID: "77",
      CI_JOB_TOKEN: "j0b",
    };
    const { exitCode, stderr } = await pull.run({ ...environment, GITLAB_TOKEN: "t0ken" });
    assert.deepEqual([exitCode, stderr], [2, "holdfast: comment created\n"]);
    assert.match(pull.forge.comments[0]?.body ?? "", /nginx:1\.27/);
    const [status] = pull.forge.statuses;
    assert.deepEqual([status?.["name"], status?.["state"], status?.["pipeline_id"]], ["holdfast", "success", 77]);
    // The token that every job has may set a status, and no more.
    const own = await pull.run(environment);
    assert.equal(own.exitCode, 2);
    assert.match(
      own.stderr,
      /^holdfast: GitLab answers GET \S+ with 401: 401 Unauthorized: this token may not comment; the plan is above\n$/,
    );
    assert.match(own.stdout, /recreate web/);
    assert.deepEqual([pull.forge.statuses.length, pull.forge.comments.length], [2, 1]);
  });

  test("must ask the forge for the commits where no job tells them", async () => {
    const pull = await propose("gitea", CHANGED);
    // It has too much to do at first.
    const limited = { method: "POST", path: /comments$/, status: 429, headers: { "retry-after": "1" } };
    pull.forge.faults.push({ ...limited, body: { message: "Too Many Requests" }, times: 1 });
    const { exitCode, stderr } = await pull.run(
      { HOLDFAST_FORGE_TOKEN: "t0ken" },
      ...["--pr", "7", "--repo", REPOSITORY, "--url", new URL(pull.forge.url).origin],
    );
    assert.equal(exitCode, 2, stderr);
    assert.equal(pull.forge.comments.length, 1);
    assert.equal(pull.forge.statuses[0]?.commit, pull.head);
  });

  test("must tell a fork's change by the job alone, with the exit code of the plan", async () => {
    for (const [files, exitCode] of [
      [CHANGED, 2],
      [INVALID, 3],
    ] as const) {
      const pull = await propose("github", files);
      const summary = join(createTemporaryDirectory("hf-summary-"), "summary.md");
      const result = await pull.run(actions(pull, "head", { GITHUB_TOKEN: "r3ader", GITHUB_STEP_SUMMARY: summary }));
      assert.equal(result.exitCode, exitCode);
      assert.match(
        result.stderr,
        /^holdfast: GitHub answers POST \S+ with 403: Resource not accessible by integration: this token may not comment; the plan is in the job's summary\nholdfast: .* may set no commit status; the exit code says the result\n$/,
      );
      assert.match(readFileSync(summary, "utf8"), /^### What this change does\n/);
      assert.match(result.stdout, /^box: /m);
      assert.deepEqual([pull.forge.comments, pull.forge.statuses], [[], []]);
      const none = await pull.run(actions(pull, "head"));
      assert.equal(none.exitCode, exitCode);
      assert.match(none.stderr, /^holdfast: none of HOLDFAST_FORGE_TOKEN, GITHUB_TOKEN, GH_TOKEN is set.*; the plan is above\n$/);
    }
  });

  test("must fail the check of an invalid change, and say where it is wrong", async () => {
    const pull = await propose("github", INVALID);
    const { exitCode } = await pull.run(actions(pull, "head", { GITHUB_TOKEN: "w0rkflow" }));
    assert.equal(exitCode, 3);
    assert.equal(pull.forge.statuses[0]?.["state"], "failure");
    assert.match(String(pull.forge.statuses[0]?.["description"]), /desired-state\/stacks\/shop\/compose\.yaml:1: .*imgae/);
    assert.match(pull.forge.comments[0]?.body ?? "", /\*\*Errors\*\*/);
  });

  test("must correct a comment when nothing changes any more, and write none before", async () => {
    const pull = await propose("github", { "README.md": "words\n" });
    const environment = actions(pull, "head", { GITHUB_TOKEN: "w0rkflow" });
    const quiet = await pull.run(environment);
    assert.deepEqual([quiet.exitCode, quiet.stderr], [0, ""]);
    assert.equal(pull.forge.comments.length, 0);
    assert.equal(pull.forge.statuses[0]?.["description"], "nothing changes");
    pull.forge.say("<!-- holdfast review -->\nwhat it did before", 41898282);
    const corrected = await pull.run(environment);
    assert.equal(corrected.exitCode, 0);
    assert.match(pull.forge.comments[0]?.body ?? "", /nothing changes/);
  });

  test("must say on the pull request that there is no plan, and exit 1", async () => {
    const pull = await propose("github", CHANGED);
    const environment = actions(pull, "head", { GITHUB_TOKEN: "w0rkflow" });
    const { exitCode, stderr } = await pull.run(environment, "--base", "nowhere");
    assert.equal(exitCode, 1);
    assert.match(stderr, /\nholdfast: .* has no commit "nowhere"\n {2}check the name; a shallow clone/);
    assert.match(pull.forge.comments[0]?.body ?? "", /\*\*It could not be planned\*\*: .*nowhere/);
    assert.equal(pull.forge.statuses[0]?.["state"], "error");
  });

  test("must never show the token, nor give it to what it starts", async () => {
    const pull = await propose("github", CHANGED);
    pull.forge.faults.push({ method: "POST", path: /comments/, status: 400, body: { message: "no: w0rkflow" }, times: 9 });
    const { exitCode, stdout, stderr } = await pull.run(actions(pull, "head", { GITHUB_TOKEN: "w0rkflow" }), "--verbose");
    assert.equal(exitCode, 1);
    assert.match(stdout, /recreate web/);
    assert.match(stderr, /with 400: no: \*\*\*\n/);
    assert.doesNotMatch(stdout + stderr, /w0rkflow/);
    // The status says the result all the same.
    assert.equal(pull.forge.statuses.length, 1);
  });

  test("must let a change read nothing of the job", async () => {
    const outside = join(createTemporaryDirectory("hf-outside-"), "outside.env");
    writeFileSync(outside, "A=l3aked\n");
    const reads: Readonly<Record<string, string>> = {
      passed: "environment: [GITHUB_TOKEN]",
      interpolated: 'environment: {A: "${GITHUB_TOKEN:-none}"}',
      absolute: `env_file: [${outside}]`,
      above: `env_file: [../../../../../../../..${outside}]`,
      process: "env_file: [/proc/self/environ]",
      labels: `label_file: ${outside}`,
    };
    const files = Object.entries(reads).flatMap(([name, line]) => [
      [`stacks/${name}/stack.yaml`, "hosts: all\n"],
      [`stacks/${name}/compose.yaml`, `services:\n  web:\n    image: nginx:1.27\n    restart: always\n    ${line}\n`],
    ]);
    const pull = await propose("github", Object.fromEntries(files) as Record<string, string>);
    const { exitCode, stdout, stderr } = await pull.run(actions(pull, "head", { GITHUB_TOKEN: "w0rkflow" }), "-o", "markdown");
    assert.equal(exitCode, 3, stderr);
    const [comment] = pull.forge.comments;
    assert.match(comment?.body ?? "", /\+ {6}A: none/);
    for (const text of [stdout, stderr, comment?.body ?? "none"]) assert.doesNotMatch(text, /w0rkflow|l3aked|PATH=/);
    for (const name of ["passed", "absolute", "above", "process", "labels"])
      assert.match(comment?.body ?? "", new RegExp(`stacks/${name}/compose\\.yaml:\\d+:\\d+`), name);
  });

  test("must keep a comment for each desired state of a repository", async () => {
    const pull = await propose("github", CHANGED);
    await runCommand(["cp", "-r", join(pull.directory, "desired-state"), join(pull.directory, "second")]);
    await pull.git("add", "-A");
    await pull.git("commit", "-qm", "second");
    const environment = actions(pull, "head", { GITHUB_TOKEN: "w0rkflow" });
    for (const directory of ["desired-state", "second"]) await pull.run(environment, "--head", "HEAD", "--directory", directory);
    assert.deepEqual(
      pull.forge.comments.map(({ body }) => body.split("\n")[0]),
      ["<!-- holdfast review -->", "<!-- holdfast review of second -->"],
    );
  });

  test("must say readably what was not understood, and exit 1", async () => {
    const pull = await propose("github", CHANGED);
    assert.ok(existsSync(pull.directory));
    const cases: readonly (readonly [Readonly<Record<string, string>>, readonly string[], RegExp])[] = [
      [{}, [], /^holdfast: --pr is missing, and this job is about no pull request\n {2}--pr 12\n$/],
      [{}, ["--pr", "x"], /^holdfast: --pr is a number, not "x"\n/],
      [{}, ["--pr", "1"], /^holdfast: --repo is missing\n/],
      [{}, ["--pr", "1", "--repo", "../x/y"], /^holdfast: --repo is OWNER\/NAME, not "..\/x\/y"\n/],
      [{}, ["--pr", "1", "--repo", "a/b", "--url", "ftp://x"], /^holdfast: --url is an address of http or https/],
      [
        { GITHUB_TOKEN: "a" },
        ["--pr", "1", "--repo", "a/b", "--url", "http://git.example.org"],
        /would be sent the token unencrypted\n/,
      ],
    ];
    for (const [environment, args, expected] of cases) {
      const { exitCode, stdout, stderr } = await pull.run(environment, ...args);
      assert.deepEqual([exitCode, stdout], [1, ""], args.join(" "));
      assert.match(stderr, expected);
    }
  });
});
