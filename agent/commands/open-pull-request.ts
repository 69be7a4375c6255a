import { type ForgeKind, openForge } from "../forge/open-forge.ts";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import type { Forge } from "../ports/forge.ts";
import type { CiContext, Environment } from "./read-ci-environment.ts";
import { systemClock } from "./system-clock.ts";

export interface PullRequestFlags {
  readonly forge: ForgeKind;
  readonly number: string | undefined;
  readonly repository: string | undefined;
  /** Address of the API. */
  readonly url: string | undefined;
}

/** Opens the pull request that flags name, or else the job's environment. Throws `configuration-invalid`. */
export function openPullRequest(
  flags: PullRequestFlags,
  ci: CiContext,
  environment: Environment,
): Forge & { close(): Promise<void> } {
  const number = flags.number ?? ci.number;
  if (number === undefined) throw missing("--pr is missing, and this job is about no pull request", "--pr 12");
  if (!/^[1-9]\d{0,9}$/.test(number)) throw missing(`--pr is a number, not ${JSON.stringify(number)}`, "--pr 12");
  const repository = flags.repository ?? ci.repository;
  if (repository === undefined) throw missing("--repo is missing", "--repo OWNER/NAME");
  const isId = flags.forge === "gitlab" && /^\d+$/.test(repository);
  const deep = flags.forge === "gitlab" ? "{1,20}" : "{1}";
  if (!isId && !new RegExp(`^[\\w.-]+(/[\\w.-]+)${deep}$`).test(repository))
    throw missing(`--repo is OWNER/NAME, not ${JSON.stringify(repository)}`, "--repo me/infra");
  return openForge({
    kind: flags.forge,
    // Where a job has its token from, it may go back to.
    api: readAddress(flags.forge, flags.url ?? ci.api, flags.url !== undefined && ci.token !== undefined),
    repository,
    number: Number(number),
    ...(ci.token === undefined ? {} : { token: ci.token }),
    ...(ci.pipeline === undefined ? {} : { pipeline: ci.pipeline }),
    environment,
    clock: systemClock,
  });
}

/** Where each forge has its API below the address that people know. */
const PATHS: Readonly<Record<ForgeKind, string>> = { github: "/api/v3", gitea: "/api/v1", forgejo: "/api/v1", gitlab: "/api/v4" };
const PUBLIC: Readonly<Partial<Record<ForgeKind, string>>> = {
  github: "https://api.github.com",
  gitlab: "https://gitlab.com/api/v4",
};

function readAddress(kind: ForgeKind, given: string | undefined, mustBePrivate: boolean): URL {
  const text = given ?? PUBLIC[kind];
  if (text === undefined) throw missing("--url is missing", `--url https://git.example.org${PATHS[kind]}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol) || url.username !== "" || url.search !== "")
    throw missing(
      `--url is an address of http or https, not ${JSON.stringify(text)}`,
      `--url https://git.example.org${PATHS[kind]}`,
    );
  if (url.protocol === "http:" && mustBePrivate && !isOwnNetwork(url.hostname))
    throw missing(
      `--url ${url.origin} would be sent the token unencrypted`,
      "take https, or a name or address of an own network",
    );
  // The address of the forge itself is what people have at hand.
  const isBare = url.pathname === "/" && url.host !== "api.github.com";
  return new URL(isBare ? `${url.origin}${PATHS[kind]}` : url.href.replace(/\/+$/, ""));
}

/** Loopback and private addresses, and names that only an own network knows. */
function isOwnNetwork(host: string): boolean {
  return (
    /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^\[(::1|f[cd])/i.test(host) ||
    !host.includes(".") ||
    /\.(lan|local|internal|home\.arpa|test)$/i.test(host)
  );
}

function missing(message: string, hint: string): HoldfastError {
  return holdfastError("configuration-invalid", message, { handling: "stalled", hint });
}
