import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { catalog } from "../images/catalog.ts";
import { listComposePlugins } from "./compose-plugins.ts";
import { runCommand } from "./run-command.ts";

interface ComposeModel {
  readonly services: Readonly<Record<string, ComposeService>>;
}

interface ComposeService {
  readonly image?: string;
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly healthcheck?: object;
  readonly ports?: readonly { readonly host_ip?: string; readonly published: string }[];
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly read_only?: boolean }[];
}

const ROOT = join(import.meta.dirname, "../../desired-state");
const STACKS = readdirSync(join(ROOT, "stacks"));

/** Every `${NAME}` of a Compose file gets a value: what matters here is that none is left without one. */
async function renderModel(stack: string, composePath: string): Promise<ComposeModel> {
  const directory = join(ROOT, "stacks", stack);
  const names = readFileSync(join(directory, "compose.yaml"), "utf8").matchAll(/\$\{(\w+)\}/g);
  const environment: NodeJS.ProcessEnv = { PATH: process.env["PATH"], BIND_IP: "100.64.0.5", STORAGE: "/cold-storage" };
  for (const [, name = ""] of names) environment[name] ??= "10.0.0.1";
  const argv = [composePath, "-p", stack, "-f", join(directory, "compose.yaml"), "config", "--format", "json"];
  const { stdout, stderr } = await runCommand(argv, { environment });
  assert.equal(stderr, "", "Compose has nothing to complain about");
  return JSON.parse(stdout) as ComposeModel;
}

for (const plugin of await listComposePlugins()) {
  describe(`the example fleet under Compose ${plugin.version}`, () => {
    for (const stack of STACKS) {
      test(`${stack} must render, restrict its services and have its images at hand`, async () => {
        const { services } = await renderModel(stack, plugin.path);
        for (const [name, service] of Object.entries(services)) {
          assert.ok(
            catalog.some((image) => image.name === service.image),
            `${name}: ${service.image} is in the catalog`,
          );
          assert.equal(service.restart, "unless-stopped", name);
          assert.ok(service.mem_limit, `${name} has a memory limit`);
          assert.ok(service.healthcheck, `${name} has a health check`);
          assert.ok(!("build" in service), `${name} is not built`);
          for (const port of service.ports ?? []) assert.ok(port.host_ip, `${name}: ${port.published} is bound to one address`);
          for (const volume of service.volumes ?? []) {
            if (volume.type === "bind" && volume.source.startsWith(ROOT))
              assert.ok(volume.read_only, `${name}: ${volume.source} is read-only`);
          }
        }
      });
    }
  });
}

test("every file of the example fleet must name its schema", () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((path) =>
    /(fleet|stack)\.yaml$|^hosts\//.test(path),
  );
  assert.ok(files.length >= 12);
  for (const path of files) {
    const text = readFileSync(join(ROOT, path), "utf8");
    const kind = path.startsWith("hosts/") ? "host" : path.endsWith("stack.yaml") ? "stack" : "fleet";
    const up = "../".repeat(path.split("/").length);
    assert.equal(text.split("\n")[0], `# yaml-language-server: $schema=${up}schemas/${kind}.schema.json`, path);
    assert.doesNotThrow(() => parse(text), path);
  }
});
