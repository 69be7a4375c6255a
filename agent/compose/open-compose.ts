import { stat } from "node:fs/promises";
import { type CommandResult, runCommand } from "../lib/run-command.ts";
import type { JsonObject } from "../model/desired.ts";
import { type ErrorCode, type HoldfastError, holdfastError } from "../model/error.ts";
import type { Compose, ProjectRequest, RenderRequest } from "../ports.ts";
import { describeFailure } from "./describe-failure.ts";
import { describeRun, lastLines } from "./describe-run.ts";
import { findPlugin } from "./find-plugin.ts";

export interface ComposeOptions {
  /** The engine's Unix socket. */
  readonly socket: string;
  /** Registry credentials: a directory with `config.json`. */
  readonly configDirectory?: string;
  /** Compose's executable; found by itself when absent. */
  readonly plugin?: string;
}

const RENDER_TIMEOUT_MS = 60_000;
const UP_TIMEOUT_MS = 900_000;
const PULL_TIMEOUT_MS = 3_600_000;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The `docker compose` command line, run with an environment of its own and never through a shell. */
export function openCompose(options: ComposeOptions): Compose {
  let plugin: Promise<string> | undefined;
  let known: { readonly fingerprint: string; readonly version: string } | undefined;
  const base = {
    PATH,
    HOME: "/root",
    DOCKER_HOST: `unix://${options.socket}`,
    ...(options.configDirectory === undefined ? {} : { DOCKER_CONFIG: options.configDirectory }),
  };

  async function locate(): Promise<string> {
    plugin ??= options.plugin === undefined ? findPlugin() : Promise.resolve(options.plugin);
    return plugin.catch((error: unknown) => {
      plugin = undefined;
      throw error;
    });
  }

  async function fingerprint(): Promise<string> {
    try {
      const { ino, size, mtimeMs } = await stat(await locate());
      return `${ino} ${size} ${mtimeMs}`;
    } catch {
      // It may be put somewhere else next time.
      plugin = undefined;
      return "missing";
    }
  }

  async function run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<CommandResult> {
    const command = await locate();
    try {
      return await runCommand({ command, args, env, timeoutMs, signal });
    } catch (cause) {
      if (signal.aborted) throw holdfastError("aborted", "docker compose was interrupted", { handling: "transient", cause });
      throw holdfastError("compose-missing", `${command} cannot be started`, { handling: "transient", cause });
    }
  }

  async function runProject(
    request: ProjectRequest,
    args: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
    describe: typeof describeRun = ({ stderr }) => describeFailure(stderr),
  ): Promise<CommandResult> {
    const project = [
      "--project-name",
      request.project,
      "--project-directory",
      request.directory,
      "--env-file",
      "/dev/null",
      "--file",
      request.modelFile,
    ];
    const result = await run([...project, ...args], { ...base, ...request.environment }, timeoutMs, signal);
    if (result.exitCode !== 0)
      throw Object.assign(
        failure("compose-failed", `docker compose ${args[0]}`, result, timeoutMs, "transient", describe),
        describe === describeRun ? { output: lastLines(result.stdout, result.stderr) } : {},
      );
    return result;
  }

  return {
    fingerprint,

    async version(signal) {
      const now = await fingerprint();
      if (known?.fingerprint === now) return known.version;
      const result = await run(["version", "--short"], base, RENDER_TIMEOUT_MS, signal);
      if (result.exitCode !== 0) throw failure("compose-missing", "docker compose version", result, RENDER_TIMEOUT_MS);
      known = { fingerprint: now, version: result.stdout.trim() };
      return known.version;
    },

    async render(request, signal) {
      // No HOME and no PATH: `${HOME}` in a Compose file is what the repository says, or an error that was found before.
      const result = await run(renderArgs(request), { DOCKER_CONFIG: "/nonexistent" }, RENDER_TIMEOUT_MS, signal);
      if (result.exitCode !== 0) throw failure("render-failed", "docker compose config", result, RENDER_TIMEOUT_MS, "stalled");
      return JSON.parse(result.stdout) as JsonObject;
    },

    async pull(request, signal) {
      const policy = request.refresh ? "always" : "missing";
      await runProject(request, ["pull", "--quiet", "--policy", policy, ...request.services], PULL_TIMEOUT_MS, signal);
    },

    async run(request, signal) {
      const { service, container, command, timeoutMs } = request;
      const options = ["--rm", "--no-deps", "--no-TTY", "--interactive=false", "--quiet-pull", "--name", container];
      const result = await runProject(request, ["run", ...options, service, ...command], timeoutMs, signal, describeRun);
      return lastLines(result.stdout, result.stderr);
    },

    async up(request, signal) {
      const recreate = request.force ? ["--force-recreate"] : request.recreate ? [] : ["--no-recreate"];
      await runProject(
        request,
        ["up", "--detach", "--no-build", "--quiet-pull", ...recreate, ...request.services],
        UP_TIMEOUT_MS,
        signal,
      );
    },
  };
}

function renderArgs(request: RenderRequest): string[] {
  return [
    ...["--project-name", request.project, "--project-directory", request.directory],
    ...request.profiles.flatMap((profile) => ["--profile", profile]),
    // Naming an environment file keeps Compose from loading `.env` by itself; ours are given in their order.
    ...(request.envFiles.length === 0 ? ["--env-file", "/dev/null"] : request.envFiles.flatMap((file) => ["--env-file", file])),
    ...request.files.flatMap((file) => ["--file", file]),
    ...["config", "--format", "json"],
  ];
}

function failure(
  code: ErrorCode,
  command: string,
  result: CommandResult,
  timeoutMs: number,
  handling: "transient" | "stalled" = "transient",
  describe: typeof describeRun = ({ stderr }) => describeFailure(stderr),
): HoldfastError {
  const said = result.timedOut ? `did not end within ${timeoutMs / 1000} s` : describe(result);
  return holdfastError(code, `${command}: ${said}`, { handling });
}
