import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { startServer } from "./start-server.ts";
import { createTemporaryDirectory } from "./temporary-directory.ts";

export interface RegistryServerOptions {
  /** A fixed port, to come back where the last one was; free by default. */
  readonly port?: number;
  /** Where it keeps its images, across starts; a temporary directory by default. */
  readonly directory?: string;
  /** Required of every request when given (basic authentication). */
  readonly auth?: { readonly username: string; readonly password: string };
  /** Tokens of this service are required of every request when given. */
  readonly tokenService?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certFile: string;
  };
  /** PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Wraps its command, to start it in an engine's network namespace. */
  readonly enter?: (argv: readonly string[]) => string[];
}

export interface RegistryServer {
  readonly url: string;
  /** As image references name it: `127.0.0.1:5000`. */
  readonly host: string;
  readonly port: number;
  readonly directory: string;
  /** Ends it; what was pushed stays in a directory that was given. */
  stop(): Promise<void>;
}

/** A line of an htpasswd file; the registry takes bcrypt only, which Perl has from the C library. */
async function describeUser({ username, password }: { username: string; password: string }): Promise<string> {
  const script = "print crypt($ARGV[0], '$2y$05$' . 'holdfastholdfastholdfO')";
  const { stdout } = await runCommand(["perl", "-e", script, password]);
  return `${username}:${stdout}\n`;
}

async function writeConfiguration(work: string, directory: string, options: RegistryServerOptions): Promise<string> {
  const file = (name: string, content: string): string => {
    writeFileSync(join(work, name), content);
    return join(work, name);
  };
  const { auth, tls, tokenService: token } = options;
  const htpasswd = auth && { htpasswd: { realm: "test", path: file("htpasswd", await describeUser(auth)) } };
  const tokens = token && { token: { ...token, certFile: undefined, rootcertbundle: token.certFile } };
  const certificate = tls && { tls: { certificate: file("tls.crt", tls.cert), key: file("tls.key", tls.key) } };
  const configuration = {
    version: "0.1",
    log: { level: "info", formatter: "text", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: directory }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${options.port ?? 0}`, secret: "test", ...certificate },
    ...((htpasswd || tokens) && { auth: { ...htpasswd, ...tokens } }),
  };
  // JSON is YAML: nothing has to be quoted by hand.
  return file("config.yml", JSON.stringify(configuration));
}

/** Starts the real docker-registry on the loopback address and waits until it listens. */
export async function startRegistry(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const work = createTemporaryDirectory("hf-registry-");
  const directory = options.directory ?? join(work, "images");
  mkdirSync(directory, { recursive: true });
  const configFile = await writeConfiguration(work, directory, options);
  const { enter = (argv) => [...argv] } = options;
  const { ready: port, stop } = await startServer({
    ...{ name: "the registry", directory: work },
    argv: enter(["docker-registry", "serve", configFile]),
    // The log tells the port, also where it listens in another network namespace.
    findReady: (log) => {
      const [, found] = /msg="listening on 127\.0\.0\.1:(\d+)/.exec(log) ?? [];
      return found === undefined ? undefined : Number(found);
    },
    patience: { timeoutMs: 30_000 },
  });
  const host = `127.0.0.1:${port}`;
  return { url: `${options.tls === undefined ? "http" : "https"}://${host}`, host, port, directory, stop };
}
