import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { refused } from "./registry-failure.ts";
import { runCredentialHelper } from "./run-credential-helper.ts";

export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** Buys tokens at the token service. */
  | { readonly kind: "identity-token"; readonly token: string }
  /** Is a token already. */
  | { readonly kind: "registry-token"; readonly token: string };

export interface CredentialOptions {
  /** Docker's config.json. */
  readonly configFile: string;
  /** Where credential helpers are looked up. */
  readonly helperPath: string;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credsStore?: unknown;
  readonly credHelpers?: Readonly<Record<string, unknown>>;
}

/** Docker Hub's name in credentials, from the time of its first protocol. */
const HUB_SERVER = "https://index.docker.io/v1/";
const HUB_HOSTS = ["docker.io", "index.docker.io", "registry-1.docker.io"];
/** A helper's way to say that the secret is no password. */
const IDENTITY_TOKEN_USER = "<token>";

/**
 * A registry's credentials in Docker's config.json, found as Docker does: a helper of the registry's own, else the helper for all,
 * else the file itself. Read at every use, so that `docker login` needs no restart.
 */
export async function readCredentials(registry: string, options: CredentialOptions, signal: AbortSignal): Promise<Credentials> {
  const config = await readConfig(options.configFile);
  const helper = findEntry(config.credHelpers, registry) ?? config.credsStore;
  if (typeof helper === "string" && helper !== "") {
    const server = registry === "docker.io" ? HUB_SERVER : registry;
    const env = { PATH: options.helperPath, HOME: "/root", DOCKER_CONFIG: dirname(options.configFile) };
    const answer = await runCredentialHelper({ name: helper, server, configFile: options.configFile, env }, signal);
    if (answer === undefined) return { kind: "none" };
    if (answer.username === IDENTITY_TOKEN_USER) return { kind: "identity-token", token: answer.secret };
    return { kind: "password", username: answer.username, password: answer.secret };
  }
  return readEntry(findEntry(config.auths, registry));
}

async function readConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT") return {};
    throw refused(
      `${path} with the registry credentials cannot be read (${code})`,
      "check docker.configFile and who may read it",
    );
  }
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === "object" && config !== null) return config;
  } catch {
    // The parser's message quotes the file, which holds passwords.
  }
  throw refused(`${path} with the registry credentials is not JSON`, "docker login writes it anew");
}

// Keys are hosts, or addresses with a scheme and a path.
function findEntry(entries: Readonly<Record<string, unknown>> | undefined, registry: string): unknown {
  const known = Object.entries(entries ?? {});
  const names = registry === "docker.io" ? HUB_HOSTS : [registry];
  const exact = known.find(([key]) => key === (registry === "docker.io" ? HUB_SERVER : registry));
  return (exact ?? known.find(([key]) => names.includes(key.replace(/^https?:\/\//, "").replace(/\/.*/, ""))))?.[1];
}

/** An entry below `auths`: the CLI writes `auth`, other tools the two words apart. */
function readEntry(entry: unknown): Credentials {
  const fields: Readonly<Record<string, unknown>> = typeof entry === "object" && entry !== null ? { ...entry } : {};
  const [auth, identityToken, registryToken] = [fields["auth"], fields["identitytoken"], fields["registrytoken"]].map(asText);
  if (identityToken) return { kind: "identity-token", token: identityToken };
  if (registryToken) return { kind: "registry-token", token: registryToken };
  const pair = auth
    ? Buffer.from(auth, "base64").toString("utf8")
    : `${asText(fields["username"])}:${asText(fields["password"])}`;
  const colon = pair.indexOf(":");
  if (colon < 1) return { kind: "none" };
  // Old versions of Docker padded it.
  return { kind: "password", username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, "") };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
