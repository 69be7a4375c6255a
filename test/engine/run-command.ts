import { execFile } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** Written to the command's standard input, which is empty otherwise. */
  readonly input?: string | Buffer;
  /** Return the result of a command that failed instead of rejecting. */
  readonly allowFailure?: boolean;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; 128 plus the signal's number is not made up here: a killed command gives -1. */
  readonly exitCode: number;
}

/** Runs a command without a shell and collects its output. Rejects with the command and its standard error when it fails. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      {
        cwd: options.cwd,
        env: options.environment ?? process.env,
        timeout: options.timeoutMs ?? 120_000,
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ stdout, stderr, exitCode: 0 });
        // A string code (ENOENT) means that the command never ran: that is never an answer of its own.
        if (options.allowFailure && typeof error.code !== "string") {
          return resolve({ stdout, stderr, exitCode: typeof error.code === "number" ? error.code : -1 });
        }
        reject(new Error(`${argv.join(" ")}: ${stderr.trim() || error.message}`, { cause: error }));
      },
    );
    child.stdin?.on("error", () => undefined); // the command may exit before it has read its input
    child.stdin?.end(options.input ?? "");
  });
}
