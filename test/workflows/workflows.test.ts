import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parse } from "yaml";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { type CommandResult, runCommand } from "../engine/run-command.ts";
import { type Kind, NUMBER, REPOSITORY, type StandInForge, startForge } from "../servers/forge.ts";
import { gitEnvironment } from "../servers/git-repository.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const ROOT = join(import.meta.dirname, "../..");
const hasCompose = (await listComposePlugins()).length > 0;
const stops: (() => Promise<void>)[] = [];
after(async () => void (await Promise.all(stops.map((stop) => stop()))));

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: { readonly review: { readonly env: Readonly<Record<string, string>>; readonly steps: readonly Step[] } };
}

interface GitlabJob {
  readonly rules: readonly { readonly if: string }[];
  readonly variables: Readonly<Record<string, string>>;
  readonly script: readonly string[];
}

function read(name: string): string {
  return readFileSync(join(ROOT, "install/workflows", name), "utf8");
}

const ACTIONS = {
  "github.yaml": { contents: "read", "pull-requests": "write", statuses: "write" },
  "forgejo.yaml": { contents: "read", issues: "write", "pull-requests": "write" },
} as const;

describe("a workflow", () => {
  for (const [name, permissions] of Object.entries(ACTIONS)) {
    const workflow = parse(read(name)) as Workflow;
    const { env, steps } = workflow.jobs.review;

    test(`${name} must ask for no more than it needs, and be safe on forks`, () => {
      assert.deepEqual(Object.keys(workflow.on), ["pull_request"]);
      assert.deepEqual(workflow.permissions, permissions);
      const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
      assert.deepEqual(checkout?.with, { "fetch-depth": 0, "persist-credentials": false });
      // Whoever names a branch must not write into a script, and no step but the last one has the token.
      for (const { run } of steps) assert.doesNotMatch(run ?? "", /\$\{\{/);
      assert.doesNotMatch(JSON.stringify([env, steps.slice(0, -1)]), /secrets\.|\.token/);
    });

    test(`${name} must run nothing that is not checked`, () => {
      const [, get = ""] = steps.map(({ run }) => run ?? "");
      assert.ok(get.indexOf("sha256sum --check --strict") < get.indexOf("chmod +x"));
      assert.match(env["HOLDFAST_SHA256"] ?? "", /^[0-9a-f]{64}$/);
      assert.match(env["HOLDFAST_URL"] ?? "", /^https:/);
    });
  }

  test("gitlab.yaml must be for merge requests, with the whole history", () => {
    const { holdfast } = parse(read("gitlab.yaml")) as { holdfast: GitlabJob };
    assert.deepEqual(holdfast.rules, [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
    assert.equal(holdfast.variables["GIT_DEPTH"], "0");
    const text = holdfast.script.join("\n");
    assert.ok(text.indexOf("sha256sum --check --strict") < text.indexOf("chmod +x"));
  });
});

interface Job {
  readonly directory: string;
  readonly forge: StandInForge;
  readonly base: string;
  readonly head: string;
  /** Runs lines of a workflow as its runner does. */
  run(lines: string, environment: Readonly<Record<string, string>>): Promise<CommandResult>;
}

/** A release that is the program from its sources, and how a workflow gets it. */
async function serveRelease(): Promise<Readonly<Record<string, string>>> {
  const program = `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, "agent/main.ts")} "$@"\n`;
  const server = createServer((request, response) => {
    if (request.url === "/0.1.0/holdfast-linux-x64.gz") response.end(gzipSync(program));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => new Promise((resolve) => void server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return { HOLDFAST_URL: `http://127.0.0.1:${port}/0.1.0`, HOLDFAST_SHA256: createHash("sha256").update(program).digest("hex") };
}

async function propose(kind: Kind, compose: string): Promise<Job> {
  const directory = createTemporaryDirectory("hf-workflow-");
  const git = async (...args: string[]): Promise<string> =>
    (await runCommand(["git", "-C", directory, ...args], { environment: gitEnvironment })).stdout.trim();
  await runCommand(["cp", "-r", join(ROOT, "desired-state"), directory]);
  await git("init", "-q", "-b", "main");
  await git("add", "-A");
  await git("commit", "-qm", "one");
  writeFileSync(join(directory, "desired-state/stacks/pi-lb/compose.yaml"), compose);
  await git("commit", "-qam", "two");
  const [base, head] = [await git("rev-parse", "HEAD~1"), await git("rev-parse", "HEAD")];
  const forge = await startForge({ kind, tokens: { t0ken: kind === "gitlab" ? "person" : "robot" }, head, base });
  stops.push(forge.stop);
  return {
    ...{ directory, forge, base, head },
    run: (lines, environment) =>
      runCommand(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", lines], {
        cwd: directory,
        environment: { PATH: process.env["PATH"], no_proxy: "127.0.0.1", ...environment },
        allowFailure: true,
      }),
  };
}

const CHANGED = readFileSync(join(ROOT, "desired-state/stacks/pi-lb/compose.yaml"), "utf8").replace(
  "mem_limit: 128m",
  "mem_limit: 256m",
);
const CASES = [
  ["a change", CHANGED, 0, "success"],
  ["something invalid", "services: {nginx: {imgae: x}}\n", 1, "failure"],
] as const;

describe("the job of a workflow", { concurrency: 2, skip: hasCompose ? false : "Docker Compose is not installed" }, async () => {
  const release = await serveRelease();
  for (const [file, kind, token] of [
    ["github.yaml", "github", "GITHUB_TOKEN"],
    ["forgejo.yaml", "gitea", "FORGEJO_TOKEN"],
  ] as const) {
    for (const [what, compose, exitCode, state] of CASES) {
      test(`${file} must get the program, and tell of ${what}`, async () => {
        const job = await propose(kind, compose);
        const temporary = createTemporaryDirectory("hf-runner-");
        const event = { pull_request: { number: NUMBER, head: { sha: job.head }, base: { sha: job.base } } };
        writeFileSync(join(temporary, "event.json"), JSON.stringify(event));
        const environment = {
          ...release,
          RUNNER_TEMP: temporary,
          GITHUB_API_URL: job.forge.url,
          GITHUB_REPOSITORY: REPOSITORY,
          GITHUB_EVENT_PATH: join(temporary, "event.json"),
          GITHUB_REF: `refs/pull/${NUMBER}/head`,
        };
        const { steps } = (parse(read(file)) as Workflow).jobs.review;
        const results = [];
        for (const { run, env = {} } of steps.filter((step) => step.run !== undefined)) {
          const given = Object.fromEntries(Object.keys(env).map((name) => [name, "t0ken"]));
          assert.deepEqual(Object.keys(given), Object.keys(given).length === 0 ? [] : [token]);
          results.push(await job.run(run ?? "", { ...environment, ...given }));
        }
        assert.deepEqual(
          results.map((result) => result.exitCode),
          [0, exitCode],
          results.map(({ stderr }) => stderr).join("\n"),
        );
        assert.equal(job.forge.comments.length, 1);
        assert.equal(job.forge.statuses[0]?.["state"], state);
      });
    }
  }

  for (const [what, compose, exitCode] of CASES) {
    test(`gitlab.yaml must get the program, and tell of ${what}`, async () => {
      const job = await propose("gitlab", compose);
      const { script } = (parse(read("gitlab.yaml")) as { holdfast: GitlabJob }).holdfast;
      const temporary = createTemporaryDirectory("hf-runner-");
      const lines = script
        .filter((line) => !line.startsWith("apt-get "))
        .map((line) => line.replaceAll("/tmp/", `${temporary}/`));
      const { exitCode: code, stderr } = await job.run(lines.join("\n"), {
        ...release,
        CI_API_V4_URL: job.forge.url,
        CI_MERGE_REQUEST_IID: String(NUMBER),
        CI_MERGE_REQUEST_PROJECT_ID: REPOSITORY,
        CI_MERGE_REQUEST_DIFF_BASE_SHA: job.base,
        CI_COMMIT_SHA: job.head,
        GITLAB_TOKEN: "t0ken",
      });
      assert.equal(code, exitCode, stderr);
      assert.equal(job.forge.comments.length, 1);
      assert.equal(job.forge.statuses[0]?.["state"], exitCode === 0 ? "success" : "failed");
    });
  }

  test("must stop before a program that is another one than was named", async () => {
    const job = await propose("github", CHANGED);
    const [, get] = (parse(read("github.yaml")) as Workflow).jobs.review.steps;
    const environment = { ...release, RUNNER_TEMP: createTemporaryDirectory("hf-runner-"), HOLDFAST_SHA256: "0".repeat(64) };
    const { exitCode, stdout, stderr } = await job.run(get?.run ?? "", environment);
    assert.equal(exitCode, 1);
    assert.match(stdout + stderr, /holdfast: FAILED/);
  });
});
