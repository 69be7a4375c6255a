import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type CommandRequest, runCommand } from "../../agent/lib/run-command.ts";
import { isAlive } from "../engine/processes.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const PATH = "/usr/bin:/bin";
const LIMIT = 32 * 1024 * 1024;

function request(script: string, over: Partial<CommandRequest> = {}): CommandRequest {
  const signal = new AbortController().signal;
  return { command: "sh", args: ["-c", script], env: { PATH }, timeoutMs: 20_000, signal, ...over };
}

/** A script that starts a child of its own and writes both process ids to a file, then hangs. */
function hang(before = ""): { script: string; readPids: () => Promise<number[]> } {
  const file = join(createTemporaryDirectory("hf-run-"), "pids");
  const script = `${before} sleep 1000 & echo $$ $! >${file}.new; mv ${file}.new ${file}; wait; sleep 1000`;
  const readPids = async (): Promise<number[]> => {
    await waitUntil("the script has started", () => existsSync(file));
    return readFileSync(file, "utf8").trim().split(" ").map(Number);
  };
  return { script, readPids };
}

async function areGone(pids: readonly number[]): Promise<void> {
  assert.equal(pids.length, 2);
  await waitUntil("the whole process group has gone", () => !pids.some(isAlive));
}

describe("runCommand must", () => {
  test("give exit code, standard output and standard error", async () => {
    const result = await runCommand(request("echo out; echo err >&2; exit 3"));
    assert.deepEqual(result, { exitCode: 3, stdout: "out\n", stderr: "err\n", timedOut: false });
  });

  test("pass the request's environment, directory and arguments and nothing else", async () => {
    process.env["HOLDFAST_LEAK"] = "leaked";
    const directory = createTemporaryDirectory("hf-run-");
    const { stdout } = await runCommand(request("env; pwd", { env: { PATH, ONLY: "a b" }, cwd: directory }));
    assert.match(stdout, /^ONLY=a b$/m);
    assert.doesNotMatch(stdout, /HOLDFAST_LEAK|NODE|USER/);
    assert.match(stdout, new RegExp(`^${directory}$`, "m"));
    const literal = await runCommand(request("", { command: "echo", args: ["$HOME; `id`", "*"] }));
    assert.equal(literal.stdout, "$HOME; `id` *\n");
    delete process.env["HOLDFAST_LEAK"];
  });

  test("give no standard input", async () => {
    assert.equal((await runCommand(request("cat; echo end"))).stdout, "end\n");
  });

  test("end the whole process group at the timeout, and say so", async () => {
    const { script, readPids } = hang();
    const run = runCommand(request(script, { timeoutMs: 500 }));
    const pids = await readPids();
    const result = await run;
    assert.deepEqual([result.timedOut, result.exitCode], [true, undefined]);
    await areGone(pids);
  });

  test("end the whole process group on abort, and reject with its reason", async () => {
    const controller = new AbortController();
    const { script, readPids } = hang();
    const run = runCommand(request(script, { signal: controller.signal }));
    const pids = await readPids();
    controller.abort(new Error("shutting down"));
    await assert.rejects(run, /shutting down/);
    await areGone(pids);
  });

  test("kill what does not end when it is asked to", async () => {
    const { script, readPids } = hang("trap '' TERM;");
    const run = runCommand(request(script, { timeoutMs: 500, killAfterMs: 100 }));
    const pids = await readPids();
    assert.equal((await run).timedOut, true);
    await areGone(pids);
  });

  test("not wait for ever for a process that left its group and keeps the output open", async () => {
    const file = join(createTemporaryDirectory("hf-run-"), "pid");
    // setsid makes its program the leader of a group of its own, which no signal to ours reaches.
    const script = `setsid sh -c 'echo $$ >${file}; exec sleep 1000' & wait`;
    const result = await runCommand(request(script, { timeoutMs: 500, killAfterMs: 100 }));
    const escaped = Number(readFileSync(file, "utf8"));
    process.kill(escaped, "SIGKILL");
    assert.equal(result.timedOut, true);
  });

  test("not start anything when it is aborted already", async () => {
    const file = join(createTemporaryDirectory("hf-run-"), "file");
    await assert.rejects(runCommand(request(`touch ${file}`, { signal: AbortSignal.abort(new Error("too late")) })), /too late/);
    assert.equal(existsSync(file), false);
  });

  test("reject when there is no such command", async () => {
    await assert.rejects(runCommand(request("", { command: "/nonexistent/command" })), { code: "ENOENT" });
    await assert.rejects(runCommand(request("", { command: "no-such-command" })), { code: "ENOENT" });
  });

  test("drop what goes beyond the limit, without blocking the command", async () => {
    const { stdout, exitCode } = await runCommand(request("head -c 40000000 /dev/zero | tr '\\0' x; exit 4"));
    assert.equal(exitCode, 4);
    assert.ok(stdout.length >= LIMIT && stdout.length < LIMIT + 1024 * 1024, String(stdout.length));
  });

  test("not leave listeners behind on a signal that outlives it", async () => {
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const listen = (warning: Error): number => warnings.push(warning);
    process.on("warning", listen);
    for (let count = 0; count < 20; count += 1) await runCommand(request("true", { signal }));
    process.off("warning", listen);
    assert.deepEqual(warnings, []);
  });
});
