import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openRegistry, type RegistryOptions } from "../../agent/registry/open-registry.ts";
import { type RegistryServer, type RegistryServerOptions, startRegistry } from "../servers/registry.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";

export const never = new AbortController().signal;

/** A directory until the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = createTemporaryDirectory("hf-registry-test-");
  t.after(() => removeTemporaryDirectory(directory));
  return directory;
}

/** The real registry until the test ends. */
export async function startRegistryFor(t: TestContext, options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const registry = await startRegistry(options);
  t.after(() => registry.stop());
  return registry;
}

/** A config.json of Docker's with this content. */
export function writeDockerConfig(t: TestContext, config: object): string {
  const path = join(temporaryDirectory(t), "config.json");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** An entry below `auths`, as `docker login` writes it. */
export function describeAuth({ username, password }: { username: string; password: string }): { auth: string } {
  return { auth: Buffer.from(`${username}:${password}`).toString("base64") };
}

/** The adapter with nothing of this machine's in it. */
export function openTestRegistry(t: TestContext, options: RegistryOptions = {}) {
  const directory = temporaryDirectory(t);
  const own = { configFile: join(directory, "config.json"), certificatesDirectory: join(directory, "certs.d") };
  return openRegistry({ ...own, ...options });
}
