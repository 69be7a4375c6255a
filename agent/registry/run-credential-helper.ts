import { oneLine } from "../lib/one-line.ts";
import { runCommand } from "../lib/run-command.ts";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import { refused } from "./registry-failure.ts";

export interface HelperRequest {
  /** As config.json names it: `pass` for `docker-credential-pass`. */
  readonly name: string;
  /** The registry, as it stands in config.json. */
  readonly server: string;
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface HelperAnswer {
  readonly username: string;
  readonly secret: string;
}

/** A helper may ask a key server or a cloud. */
const TIMEOUT_MS = 15_000;
/** What docker-credential-helpers answers instead of credentials; it is no failure. */
const NOT_FOUND = /credentials not found in native keychain/i;

/** Asks `docker-credential-NAME` for a registry's credentials; undefined when it has none. Its output is never shown on success. */
export async function runCredentialHelper(request: HelperRequest, signal: AbortSignal): Promise<HelperAnswer | undefined> {
  const { name, server, configFile, env } = request;
  const command = `docker-credential-${name}`;
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw refused(
      `${configFile} names ${JSON.stringify(oneLine(name))} as credential helper`,
      "it must be a name without a path",
    );
  }
  const result = await runCommand({
    ...{ command, args: ["get"], env, signal, timeoutMs: TIMEOUT_MS, killAfterMs: 1000 },
    input: Buffer.from(server),
  }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw refused(`${command}, which ${configFile} names for ${server}, cannot be run (${code})`, `install it in ${env["PATH"]}`);
  });
  const failed = (why: string): HoldfastError =>
    holdfastError("registry-refused", `${command}, which ${configFile} names for ${server}, ${why}`, {
      handling: "transient",
      hint: `try: echo ${server} | ${command} get`,
    });
  if (result.timedOut) throw failed(`did not answer within ${TIMEOUT_MS / 1000} s`);
  if (result.exitCode !== 0) {
    if (NOT_FOUND.test(`${result.stdout} ${result.stderr}`)) return undefined;
    throw failed(`failed: ${describeOutput(result.stdout, result.stderr) || `exit code ${result.exitCode}`}`);
  }
  const { Username: username, Secret: secret } = parseAnswer(result.stdout) ?? {};
  if (typeof username !== "string" || typeof secret !== "string") throw failed("printed no credentials in JSON");
  // docker-credential-pass answers so for what it does not know.
  return secret === "" ? undefined : { username, secret };
}

// Helpers write what went wrong to standard output. One that has printed credentials before it failed must not be repeated.
function describeOutput(stdout: string, stderr: string): string {
  const said = stdout.includes("{") ? stderr : `${stdout}\n${stderr}`;
  return oneLine(said.split("\n").find((line) => line.trim() !== "") ?? "");
}

function parseAnswer(stdout: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const answer: unknown = JSON.parse(stdout);
    return typeof answer === "object" && answer !== null ? { ...answer } : undefined;
  } catch {
    return undefined;
  }
}
