import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandResult, runCommand } from "../engine/run-command.ts";
import { gitEnvironment } from "../servers/git-repository.ts";

/** What a user would write instead, run by cron or a timer. */
const SCRIPT = `set -e
cd "$1"
git fetch --quiet origin main
git reset --quiet --hard origin/main
for stack in desired-state/stacks/*/; do
  cd "$stack"
  docker compose up -d --remove-orphans
  cd "$OLDPWD"
done
`;

export interface LoopRun {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface Loop {
  readonly checkout: string;
  readonly environment: NodeJS.ProcessEnv;
  /** One round of the loop, with the CPU of the shell and of everything that it started. */
  run(): Promise<LoopRun>;
  /** How many programs a round starts; undefined where strace is not installed. */
  countPrograms(): Promise<number | undefined>;
}

/** Clones the repository and makes the loop; it talks to the engine behind `socket`. */
export async function createLoop(directory: string, repositoryUrl: string, socket: string): Promise<Loop> {
  const checkout = join(directory, "checkout");
  const script = join(directory, "loop.sh");
  writeFileSync(script, SCRIPT);
  const environment = { ...gitEnvironment, HOME: directory, DOCKER_HOST: `unix://${socket}` };
  await runCommand(["git", "clone", "--quiet", repositoryUrl, checkout], { environment });
  const start = (argv: readonly string[]): Promise<CommandResult> => runCommand(argv, { environment, timeoutMs: 600_000 });

  return {
    checkout,
    environment,
    async run() {
      // The shell's own `time` counts to the millisecond, descendants included.
      const timed = `TIMEFORMAT="%3R %3U %3S"; time bash "$1" "$2" >/dev/null 2>"$1.log"`;
      const { stderr } = await start(["bash", "-c", timed, "bash", script, checkout]);
      const [wall, user, system] = stderr.trim().split(" ").map(Number);
      if (wall === undefined || user === undefined || system === undefined) throw new Error(`no times in: ${stderr}`);
      return { cpuMs: (user + system) * 1000, wallMs: wall * 1000 };
    },
    async countPrograms() {
      if (!["/usr/bin/strace", "/usr/local/bin/strace"].some((path) => existsSync(path))) return undefined;
      const trace = join(directory, "trace");
      await start(["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace, "bash", script, checkout]);
      return readFileSync(trace, "utf8").match(/execve\(.* = 0$|execve resumed.* = 0$/gm)?.length ?? 0;
    },
  };
}
