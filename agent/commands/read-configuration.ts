import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { parseYaml } from "../desired/parse-yaml.ts";
import type { Pointer } from "../model/document.ts";
import { holdfastError } from "../model/error.ts";
import { type Finding, hasErrors, renderFinding } from "../model/finding.ts";
import type { Agent } from "../model/generated/agent.ts";
import { parseDuration } from "../model/parse-duration.ts";
import type { Policy } from "../model/policy.ts";
import type { Documents } from "../ports/documents.ts";
import { formatAddress, type ListenAddress, parseListen } from "../server/listen-address.ts";

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
    readonly allowedSigners?: string;
    readonly gpgKeyring?: string;
    readonly allowForcePush?: boolean;
  };
  readonly intervalMs?: number;
  readonly listen: ListenAddress;
  /** There is one when `listen` can be reached from other machines. */
  readonly tokenFile?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly allowedHosts: readonly string[];
  readonly webhookSecretFile?: string;
  readonly docker: { readonly socket: string; readonly configFile?: string };
  readonly hostEnvDir: string;
  /** Guardrails of this host: a repository can only tighten them. */
  readonly policy?: Policy;
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
  ["repository", "allowedSigners"],
  ["repository", "gpgKeyring"],
  ["repository", "allowForcePush"],
  ["interval"],
  ["listen"],
  ["tokenFile"],
  ["tls", "certFile"],
  ["tls", "keyFile"],
  ["allowedHosts"],
  ["webhookSecretFile"],
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
  const { documents, environment } = sources;
  const named = sources.file ?? (environment["HOLDFAST_CONFIG"] || undefined);
  const path = named ?? DEFAULT_CONFIGURATION_FILE;
  const content = await readIfThere(path, named !== undefined);
  const file = content === undefined ? NO_FILE : readValues(documents, path, content);
  const given = findGiven(sources);
  const errors = [...file.errors, ...given.flatMap((item) => checkGiven(documents, item))];
  if (errors.length > 0) throw invalid(errors.join("\n"));
  const values: Record<string, unknown> = { ...file.values };
  for (const { setting, value } of given) assign(values, setting, value);
  const agent = withRepository(values, path, sources.needsRepository ?? true);
  // JSON is YAML: what is only wrong together passes the same check.
  const { findings } = documents.parse("agent", path, Buffer.from(JSON.stringify(agent)));
  // What is missing is better told of the file, where it has a place, unless it was said elsewhere.
  if (hasErrors(findings)) throw invalid(listErrors(file.incomplete.length > 0 ? file.incomplete : findings).join("\n"));
  const configuration = complete(agent, file.warnings);
  requireToken(configuration, given.find(({ setting }) => setting[0] === "listen")?.name ?? file.placeOf(["listen"]));
  return configuration;
}

/** `--repository-token-file` of `repository.tokenFile`, without the dashes in front. */
export function flagName(setting: readonly string[]): string {
  return setting.map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)).join("-");
}

/** `HOLDFAST_REPOSITORY_TOKEN_FILE` of `repository.tokenFile`. */
export function variableName(setting: readonly string[]): string {
  return `HOLDFAST_${flagName(setting).replaceAll("-", "_").toUpperCase()}`;
}

interface Given {
  /** The flag or the variable, as the user wrote it. */
  readonly name: string;
  readonly setting: readonly string[];
  readonly value: string;
}

/** What flags and environment say; an empty value is none. */
function findGiven({ environment, flags }: ConfigurationSources): Given[] {
  return SETTINGS.flatMap((setting): Given[] => {
    const flag = flags[flagName(setting)];
    const value = flag ?? environment[variableName(setting)];
    const name = flag === undefined ? variableName(setting) : `--${flagName(setting)}`;
    return value === undefined || value === "" ? [] : [{ name, setting, value }];
  });
}

/** Each value by itself, so that what is wrong can be told of its flag or variable. */
function checkGiven(documents: Documents, { name, setting, value }: Given): string[] {
  const values: Record<string, unknown> = { repository: { url: NO_REPOSITORY } };
  assign(values, setting, value);
  const { findings } = documents.parse("agent", name, Buffer.from(JSON.stringify(values)));
  return findings
    .filter((finding) => isError(finding) && !INCOMPLETE.test(finding.message))
    .map(({ message, rule }) => `${name}: ${message} (${rule})`);
}

interface FileValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
  /** What the file leaves out and a flag or variable may say. */
  readonly incomplete: readonly Finding[];
  readonly warnings: readonly string[];
  /** `path:line:column` of a key's value. */
  placeOf(pointer: Pointer): string;
}

const NO_FILE: FileValues = { values: {}, errors: [], incomplete: [], warnings: [], placeOf: () => "listen" };

function readValues(documents: Documents, path: string, content: Uint8Array): FileValues {
  const { findings } = documents.parse("agent", path, content);
  const isIncomplete = ({ message }: Finding): boolean => INCOMPLETE.test(message);
  const { document } = parseYaml(path, content);
  const value = document?.value;
  return {
    values: typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {},
    errors: listErrors(findings.filter((finding) => !isIncomplete(finding))),
    incomplete: findings.filter((finding) => isError(finding) && finding.message.startsWith("tls") && isIncomplete(finding)),
    warnings: findings.filter((finding) => !isError(finding)).map(renderFinding),
    placeOf(pointer) {
      const { line, column } = document?.locate(pointer) ?? { line: 1, column: 1 };
      return `${path}:${line}:${column}`;
    },
  };
}

const NO_REPOSITORY = "none";
/** Where the repository is and what belongs to a certificate may be said elsewhere. */
const INCOMPLETE = /^(repository: the key "url"|the key "repository"|tls: the key "\w+") is missing/;

/** Who reaches the agent over a network must show a token. */
function requireToken({ listen, tokenFile }: Configuration, place: string): void {
  if (listen.loopback || tokenFile !== undefined) return;
  const address = formatAddress(listen.host, listen.port);
  throw holdfastError(
    "configuration-invalid",
    `${place}: listen: ${address} can be reached from other machines, which needs tokenFile (token-missing)`,
    { handling: "stalled", hint: "name a file with a token, tokenFile: /etc/holdfast/token, or listen on 127.0.0.1" },
  );
}

function withRepository(values: Record<string, unknown>, path: string, needed: boolean): Agent {
  const repository = values["repository"] as Partial<Agent["repository"]> | undefined;
  if (repository?.url === undefined && needed) {
    throw holdfastError("configuration-invalid", "no repository is configured", {
      handling: "stalled",
      hint: `set repository.url in ${path}, HOLDFAST_REPOSITORY_URL or --repository-url`,
    });
  }
  return { ...values, repository: { ...repository, url: repository?.url ?? NO_REPOSITORY } };
}

function isError(finding: Finding): boolean {
  return finding.severity === "error";
}

function listErrors(findings: readonly Finding[]): string[] {
  return findings.filter(isError).map(renderFinding);
}

function invalid(message: string): Error {
  return holdfastError("configuration-invalid", message, { handling: "stalled" });
}

function complete(agent: Agent, warnings: readonly string[]): Configuration {
  const { repository, docker } = agent;
  const intervalMs = agent.interval === undefined ? undefined : parseDuration(agent.interval);
  return {
    host: agent.host ?? nameThisHost(),
    repository: {
      url: repository.url,
      ...(repository.tag === undefined ? { branch: repository.branch ?? "main" } : { tag: repository.tag }),
      path: (repository.path ?? "desired-state").replace(/^\.?\/+|\/+$/g, "").replace(/^\.$/, ""),
      ...pick(repository, [
        "tokenFile",
        "username",
        "sshKeyFile",
        "knownHostsFile",
        "caFile",
        "allowedSigners",
        "gpgKeyring",
        "allowForcePush",
      ]),
    },
    ...(intervalMs === undefined ? {} : { intervalMs }),
    listen: parseListen(agent.listen ?? "127.0.0.1:9616"),
    ...pick(agent, ["tokenFile", "tls", "webhookSecretFile", "policy"]),
    allowedHosts: agent.allowedHosts ?? [],
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
    values[key] = readValue(key, value);
    return;
  }
  const child = { ...(values[key] as Record<string, unknown> | undefined) };
  assign(child, rest, value);
  values[key] = child;
}

/** Flags and variables are text; all but these settings are text in the file too. */
function readValue(key: string, value: string): unknown {
  if (key === "allowForcePush") return /^(true|false)$/.test(value) ? value === "true" : value;
  return key === "allowedHosts" ? value.split(",").map((item) => item.trim()) : value;
}

/** The machine's host name up to the first dot, in lower case: the host that is meant where none is named. */
export function nameThisHost(): string {
  return hostname().split(".")[0]?.toLowerCase() ?? "localhost";
}
