import { spawn } from "node:child_process";

export interface CommandRequest {
  /** Absolute path, or a name that is looked up in the request's PATH. */
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Given on standard input, which is empty otherwise. */
  readonly input?: Uint8Array;
  readonly timeoutMs: number;
  /** How long it may take to end after it was asked to; 10 s by default. */
  readonly killAfterMs?: number;
  readonly signal: AbortSignal;
}

export interface CommandResult {
  /** Undefined when the command was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

const OUTPUT_LIMIT_BYTES = 32 * 1024 * 1024;
const KILL_AFTER_MS = 10_000;

/**
 * Runs a command to its end, never through a shell. Abort and timeout end its whole process group,
 * first politely. Rejects only when the command cannot be started or the signal was aborted.
 */
export function runCommand(request: CommandRequest): Promise<CommandResult> {
  const { command, args, env, cwd, input, timeoutMs, killAfterMs = KILL_AFTER_MS, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const options = { env, detached: true, ...(cwd === undefined ? {} : { cwd }) };
    const child =
      input === undefined
        ? spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
        : spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    // A command that does not read its input says all the same how it ended.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let timedOut = false;
    let killTimer: NodeJS.Timeout | undefined;
    const end = (): void => {
      killGroup(child.pid, "SIGTERM");
      killTimer ??= setTimeout(() => {
        killGroup(child.pid, "SIGKILL");
        // A process that left the group may hold these open, and `close` would never come.
        child.stdout.destroy();
        child.stderr.destroy();
      }, killAfterMs);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    signal.addEventListener("abort", end, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      signal.removeEventListener("abort", end);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("close", (code) => {
      settle();
      if (signal.aborted) reject(signal.reason);
      else resolve({ exitCode: code ?? undefined, stdout: stdout(), stderr: stderr(), timedOut });
    });
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    // What goes beyond the limit is read and dropped, so that the command does not block.
    if (bytes < OUTPUT_LIMIT_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
