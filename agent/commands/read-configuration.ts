import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { holdfastError } from "../model/error.ts";
import { hasErrors, renderFinding } from "../model/finding.ts";
import type { Agent } from "../model/generated/agent.ts";
import { parseDuration } from "../model/parse-duration.ts";
import type { Documents } from "../ports.ts";

/** The agent's configuration with its defaults filled in. Durations in milliseconds, paths absolute. */
export interface Configuration {
  readonly host: string;
  readonly repository: {
    readonly url: string;
    /** Either of the two; `main` when neither is configured. */
    readonly branch?: string;
    readonly tag?: string;
    readonly path: string;
    readonly tokenFile?: string;
    readonly username?: string;
    readonly sshKeyFile?: string;
    readonly knownHostsFile?: string;
    readonly caFile?: string;
  };
  readonly intervalMs?: number;
  readonly docker: { readonly socket: string; readonly configFile?: string };
  readonly hostEnvDir: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** What is accepted but not acted on, one line each. */
  readonly warnings: readonly string[];
}

/** Every key that can be given as a flag or an environment variable, as its path in agent.yaml. */
export const SETTINGS: readonly (readonly string[])[] = [
  ["host"],
  ["repository", "url"],
  ["repository", "branch"],
  ["repository", "tag"],
  ["repository", "path"],
  ["repository", "tokenFile"],
  ["repository", "username"],
  ["repository", "sshKeyFile"],
  ["repository", "knownHostsFile"],
  ["repository", "caFile"],
  ["interval"],
  ["docker", "socket"],
  ["docker", "configFile"],
  ["hostEnvDir"],
  ["stateDir"],
  ["runtimeDir"],
  ["log", "level"],
];

export const DEFAULT_CONFIGURATION_FILE = "/etc/holdfast/agent.yaml";

export interface ConfigurationSources {
  readonly documents: Documents;
  /** The file that was named; the default one may be missing. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values of flags by their name without dashes, `repository-url`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Whether the command reads the repository, so that one has to be configured. */
  readonly needsRepository?: boolean;
}

/** Reads agent.yaml, the environment and the flags, the later winning. Throws `configuration-invalid` with every finding. */
export async function readConfiguration(sources: ConfigurationSources): Promise<Configuration> {
  const { documents, environment, flags } = sources;
  const path = sources.file ?? environment["HOLDFAST_CONFIG"] ?? DEFAULT_CONFIGURATION_FILE;
  const content = await readIfThere(path, sources.file !== undefined);
  const values: Record<string, unknown> = {};
  const warnings: string[] = [];
  if (content !== undefined) Object.assign(values, check(documents, path, content, warnings));
  for (const setting of SETTINGS) {
    const value = flags[flagName(setting)] ?? environment[variableName(setting)];
    if (value !== undefined && value !== "") assign(values, setting, value);
  }
  // JSON is YAML: what came from elsewhere passes the same check.
  const agent = check(documents, "flags and environment", Buffer.from(JSON.stringify(values)), []);
  return complete(agent, warnings, path, sources.needsRepository ?? true);
}

/** `--repository-token-file` of `repository.tokenFile`, without the dashes in front. */
export function flagName(setting: readonly string[]): string {
  return setting.map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)).join("-");
}

/** `HOLDFAST_REPOSITORY_TOKEN_FILE` of `repository.tokenFile`. */
export function variableName(setting: readonly string[]): string {
  return `HOLDFAST_${flagName(setting).replaceAll("-", "_").toUpperCase()}`;
}

function check(documents: Documents, path: string, content: Uint8Array, warnings: string[]): Agent {
  const { document, findings } = documents.parse("agent", path, content);
  if (document === undefined || hasErrors(findings)) {
    const lines = findings.filter((finding) => finding.severity === "error").map(renderFinding);
    throw holdfastError("configuration-invalid", lines.join("\n") || `${path} is empty`, { handling: "stalled" });
  }
  warnings.push(...findings.map(renderFinding));
  return document.value;
}

function complete(agent: Agent, warnings: readonly string[], path: string, needsRepository: boolean): Configuration {
  const { repository, docker } = agent;
  if (repository?.url === undefined && needsRepository) {
    throw holdfastError("configuration-invalid", "no repository is configured", {
      handling: "stalled",
      hint: `set repository.url in ${path}, HOLDFAST_REPOSITORY_URL or --repository-url`,
    });
  }
  const intervalMs = agent.interval === undefined ? undefined : parseDuration(agent.interval);
  return {
    host: agent.host ?? hostname().split(".")[0]?.toLowerCase() ?? "localhost",
    repository: {
      url: repository?.url ?? "",
      ...(repository?.tag === undefined ? { branch: repository?.branch ?? "main" } : { tag: repository.tag }),
      path: (repository?.path ?? "desired-state").replace(/^\.?\/+|\/+$/g, "").replace(/^\.$/, ""),
      ...pick(repository ?? {}, ["tokenFile", "username", "sshKeyFile", "knownHostsFile", "caFile"]),
    },
    ...(intervalMs === undefined ? {} : { intervalMs }),
    docker: { socket: docker?.socket ?? "/var/run/docker.sock", ...pick(docker ?? {}, ["configFile"]) },
    hostEnvDir: absolute(agent.hostEnvDir ?? "/etc/holdfast/env"),
    stateDir: absolute(agent.stateDir ?? "/var/lib/holdfast"),
    runtimeDir: absolute(agent.runtimeDir ?? "/run/holdfast"),
    logLevel: agent.log?.level ?? "info",
    warnings,
  };
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): { [P in K]?: NonNullable<T[P]> } {
  const entries = names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]);
  return Object.fromEntries(entries) as { [P in K]?: NonNullable<T[P]> };
}

function absolute(path: string): string {
  return isAbsolute(path) ? path.replace(/\/+$/, "") : resolve(path);
}

async function readIfThere(path: string, required: boolean): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (missing && !required) return undefined;
    throw holdfastError("configuration-invalid", `${path}: ${missing ? "there is no such file" : String(cause)}`, {
      handling: "stalled",
      cause,
    });
  }
}

function assign(values: Record<string, unknown>, path: readonly string[], value: string): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    values[key] = value;
    return;
  }
  const child = { ...(values[key] as Record<string, unknown> | undefined) };
  assign(child, rest, value);
  values[key] = child;
}
