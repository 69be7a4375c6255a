import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { complete } from "../../agent/commands/complete.ts";
import { SHELLS } from "../../agent/commands/completion-scripts.ts";
import { describeProgram } from "../../agent/commands/describe-program.ts";
import type { Output } from "../../agent/commands/output.ts";
import { readConfiguration } from "../../agent/commands/read-configuration.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { type GitServer, startGitServer } from "../servers/git-server.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type Holdfast, runHoldfast, startHoldfast } from "./start-holdfast.ts";

const PROGRAM = join(import.meta.dirname, "../../agent/main.ts");
const PATIENCE = { timeoutMs: 60_000 };

/** How each shell is started without anybody's settings, and told of the completion. */
const START = {
  bash: { argv: "bash --noprofile --norc -i", setUp: 'eval "$(holdfast completion bash)"' },
  zsh: { argv: "zsh -f -i", setUp: 'autoload -U compinit; compinit -D -u; eval "$(holdfast completion zsh)"' },
  fish: { argv: "fish --no-config -i", setUp: "holdfast completion fish | source" },
} as const;

describe("completion", () => {
  const directory = createTemporaryDirectory("hf-completion-");
  const calls = join(directory, "calls");
  let git: GitServer;
  let agent: Holdfast;
  let environment: Record<string, string>;

  before(async () => {
    git = await startGitServer();
    const repository = await git.createRepository("infra");
    const compose = "services: {web: {image: busybox:1.35, restart: always}}\n";
    await repository.commit({
      "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
      "desired-state/stacks/website/stack.yaml": "hosts: all\n",
      "desired-state/stacks/website/compose.yaml": compose,
      "desired-state/stacks/pihole/stack.yaml": "hosts: all\n",
      "desired-state/stacks/pihole/compose.yaml": compose,
    });
    // What completion asks is answered; any other call is written down instead of done.
    const bin = join(directory, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "holdfast"),
      `#!/bin/sh\ncase $1 in complet*) exec ${process.execPath} ${PROGRAM} "$@" ;; esac\necho "$@" >>${calls}\n`,
    );
    chmodSync(join(bin, "holdfast"), 0o755);
    writeFileSync(join(directory, "agent-file.yaml"), "");
    environment = {
      PATH: `${bin}:${process.env["PATH"]}`,
      HOME: directory,
      TERM: "xterm",
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository.url,
      HOLDFAST_DOCKER_SOCKET: join(directory, "no-engine.sock"),
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
    };
    agent = startHoldfast({ args: ["run"], environment });
    await waitUntil("the agent knows its stacks", async () => (await suggest("sync", "")).includes("website"), PATIENCE);
  });
  after(async () => {
    agent.kill("SIGKILL");
    await Promise.allSettled([agent.ended, git.stop()]);
  });

  async function suggest(...words: string[]): Promise<string> {
    const told: string[] = [];
    const output: Output = { format: "text", print: (line) => void told.push(line), complain: assert.fail };
    const program = describeProgram(new AbortController().signal, () => undefined);
    const request = { documents: openDocuments(), environment, flags: {}, needsRepository: false };
    await complete(program, words, output, () => readConfiguration(request));
    return told.map((line) => line.split("\t")[0]).join(" ");
  }

  for (const [typed, expected] of [
    ["", /^run once status .* completion help$/],
    ["su", /^suspend$/],
    ["help su", /^suspend$/],
    ["help suspend ", /^$/],
    ["suspend ", /^pihole website$/],
    ["suspend w", /^website$/],
    ["suspend website ", /^$/],
    ["suspend --all --r", /^--reason$/],
    ["suspend --for ", /^$/],
    ["suspend --for 2h p", /^pihole$/],
    ["suspend --for=2h p", /^pihole$/],
    ["plan -o m", /^markdown$/],
    ["plan --output = m", /^markdown$/],
    ["plan --output =", /^text json markdown$/],
    ["plan --output=m", /^--output=markdown$/],
    ["plan --config ", /^:paths$/],
    ["validate d", /^:paths$/],
    ["completion ", /^bash zsh fish$/],
    ["nonsense ", /^run /],
  ] as const)
    it(`"holdfast ${typed}" must be continued by what can follow`, async () =>
      assert.match(await suggest(...typed.split(" ")), expected));

  it("no agent must be no error", async () => {
    const nowhere = { ...environment, HOLDFAST_RUNTIME_DIR: join(directory, "nowhere") };
    const { stdout, stderr, exitCode } = await runHoldfast(["complete", "--", "sync", ""], { environment: nowhere });
    assert.deepEqual({ stdout, stderr, exitCode }, { stdout: "", stderr: "", exitCode: 0 });
  });

  for (const shell of SHELLS)
    it(`${shell} must complete commands, stacks, flags and paths, and run nothing that is only typed`, async () => {
      writeFileSync(calls, "");
      const { argv, setUp } = START[shell];
      const terminal = spawn("script", ["-qec", argv, "/dev/null"], { env: environment, cwd: directory });
      let screen = "";
      const closed = new Promise<void>((resolve) => terminal.once("close", () => resolve()));
      for (const stream of [terminal.stdout, terminal.stderr]) stream.on("data", (data: Buffer) => (screen += data.toString()));
      const type = async (what: string, text: string, fits: () => boolean) => {
        terminal.stdin.write(text);
        await waitUntil(what, fits, PATIENCE).catch((cause: unknown) => assert.fail(`${String(cause)}\n${screen}`));
      };
      const called = () => readFileSync(calls, "utf8");
      try {
        await type("the shell is ready", `${setUp}\nholdfast ready\n`, () => called() === "ready\n");
        await type("a command", "holdfast susp\t", () => /suspend/.test(screen));
        await type("a stack", "we\t", () => /website/.test(screen));
        await type("a flag", "--al\t\n", () => called().includes("\n") && called() !== "ready\n");
        await type("a path", "holdfast plan -c agent-f\t\n", () => called().includes("plan"));
        assert.equal(called(), "ready\nsuspend website --all\nplan -c agent-file.yaml\n");
        await type("what is only typed", 'holdfast sync "$(touch evil)" --fol\t', () => /--follow/.test(screen));
        assert.throws(() => readFileSync(join(directory, "evil")), /ENOENT/);
      } finally {
        terminal.kill("SIGKILL");
        await closed;
      }
    });
});
