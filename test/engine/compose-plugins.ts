import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";

export interface ComposePlugin {
  /** "2.26.1". */
  readonly version: string;
  /** The executable. Called by itself it takes the arguments that follow `docker compose`. */
  readonly path: string;
}

const CACHE = process.env["HOLDFAST_TEST_CACHE"] ?? "/var/cache/holdfast-test";

const INSTALLED = [
  "/usr/local/lib/docker/cli-plugins/docker-compose",
  "/usr/local/libexec/docker/cli-plugins/docker-compose",
  "/usr/libexec/docker/cli-plugins/docker-compose",
  "/usr/lib/docker/cli-plugins/docker-compose",
];

/** The Compose versions that tests can run on this machine, the installed one first. */
export async function listComposePlugins(): Promise<ComposePlugin[]> {
  const installed = INSTALLED.find((path) => existsSync(path));
  const newer = join(CACHE, "compose-2.40.3", "docker-compose");
  const paths = [...(installed === undefined ? [] : [installed]), ...(existsSync(newer) ? [newer] : [])];
  return Promise.all(
    paths.map(async (path) => {
      const { stdout } = await runCommand([path, "version", "--short"]);
      return { path, version: /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim() };
    }),
  );
}
