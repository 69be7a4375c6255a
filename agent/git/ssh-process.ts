import { spawn } from "node:child_process";

/** One `ssh` with the other side's program behind it. */
export interface SshProcess {
  /** The next bytes of the answer; undefined at its end, whatever the reason. */
  read(waitMs: number): Promise<Uint8Array | undefined>;
  /** Sends bytes; that nobody takes them shows in the answer. */
  write(bytes: Uint8Array | string): void;
  /** Sends the last bytes. */
  end(bytes: Uint8Array | string): void;
  /** How it ended, once the answer has. */
  ended(): Promise<SshEnd>;
  /** Leaves nothing behind; what still runs is given a moment to end by itself. */
  close(): Promise<void>;
}

export interface SshEnd {
  /** Undefined when it was killed or could not be started. */
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** Nothing came for as long as `read` waited. */
  readonly timedOut: boolean;
  /** Of starting it, `ENOENT`. */
  readonly startError?: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const STDERR_BYTES = 16 * 1024;
const CLOSE_MS = 1000;

/** Starts `ssh`; it ends with the signal. `version2` asks the other side for that version of Git's protocol. */
export function startSsh(args: readonly string[], version2: boolean, signal: AbortSignal): SshProcess {
  const child = spawn("ssh", args, {
    // Messages in English, or they would not be understood. No HOME, no agent, no askpass.
    env: { PATH, LC_ALL: "C", ...(version2 ? { GIT_PROTOCOL: "version=2" } : {}) },
    stdio: ["pipe", "pipe", "pipe"],
    // A session of its own: no terminal to ask on, and Ctrl-C is ours to handle.
    detached: true,
  });
  let stderr = Buffer.alloc(0);
  let timedOut = false;
  let startError: string | undefined;
  const closed = new Promise<number | undefined>((resolve) => {
    child.once("close", (code) => resolve(code ?? undefined));
    child.once("error", (error) => {
      startError = "code" in error ? String(error.code) : error.message;
      resolve(undefined);
    });
  });
  const kill = (): void => {
    child.kill("SIGKILL");
    child.stdout.destroy();
    child.stderr.destroy();
  };
  child.stderr.on("data", (chunk: Buffer) => {
    if (stderr.length < STDERR_BYTES) stderr = Buffer.concat([stderr, chunk]);
  });
  child.stdin.on("error", () => undefined);
  const chunks: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill, { once: true });

  return {
    async read(waitMs) {
      const timer = setTimeout(() => {
        timedOut = true;
        kill();
      }, waitMs);
      try {
        const { done, value } = await chunks.next();
        return done ? undefined : value;
      } catch {
        // Destroyed, or never started: `ended` tells.
        return undefined;
      } finally {
        clearTimeout(timer);
      }
    },
    write: (bytes) => void child.stdin.write(bytes),
    end: (bytes) => void child.stdin.end(bytes),
    async ended() {
      const exitCode = await closed;
      return { exitCode, stderr: stderr.toString("utf8"), timedOut, ...(startError === undefined ? {} : { startError }) };
    },
    async close() {
      child.stdin.end();
      child.stdout.destroy();
      const timer = setTimeout(kill, CLOSE_MS);
      await closed;
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
    },
  };
}
