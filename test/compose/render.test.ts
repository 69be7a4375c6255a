import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openCompose } from "../../agent/compose/open-compose.ts";
import type { JsonObject } from "../../agent/model/desired.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { buildRenderRequest, writeProject } from "./projects.ts";

const never = new AbortController().signal;
/** What a service manager or an administrator's shell could hold. */
const LEAKS = { TAG: "leaked", COMPOSE_FILE: "/nonexistent", COMPOSE_PROFILES: "debug", COMPOSE_PROJECT_NAME: "leaked" };
const PRINT = "services:\n  web:\n    image: nginx:${TAG:-default}\n";

function fieldOf(model: JsonObject, field: string): unknown {
  return (model["services"] as { web: JsonObject }).web[field];
}

for (const plugin of await listComposePlugins()) {
  describe(`Compose ${plugin.version} must`, () => {
    const compose = openCompose({ socket: "/nonexistent/docker.sock", plugin: plugin.path });
    const render = (files: Readonly<Record<string, string>>, envFiles?: readonly string[]) =>
      compose.render(buildRenderRequest(writeProject(files), envFiles), never);
    const image = async (files: Readonly<Record<string, string>>, envFiles?: readonly string[]) =>
      fieldOf(await render({ "compose.yaml": PRINT, ...files }, envFiles), "image");

    before(() => void Object.assign(process.env, LEAKS));
    after(() => {
      for (const name of Object.keys(LEAKS)) delete process.env[name];
    });

    test("tell its version", async () => {
      assert.match(await compose.version(never), new RegExp(`^${plugin.version.replaceAll(".", "\\.")}`));
    });

    test("take nothing from the environment of the process", async () => {
      assert.equal(await image({}), "nginx:default");
      const model = await render({
        "compose.yaml": `${PRINT}    environment: {TAG: , HOME: , PATH: }\n    labels: {home: "\${HOME:-none}", path: "\${PATH:-none}"}\n  debug: {image: a, profiles: [debug]}\n`,
      });
      assert.equal(model["name"], "shop");
      assert.deepEqual(Object.keys(model["services"] as JsonObject), ["web"]);
      assert.deepEqual(fieldOf(model, "environment"), { TAG: null, HOME: null, PATH: null });
      assert.deepEqual(fieldOf(model, "labels"), { home: "none", path: "none" });
    });

    test("not read .env by itself, but read it when it is named", async () => {
      assert.equal(await image({ ".env": "TAG=dotenv\n" }), "nginx:default");
      assert.equal(await image({ ".env": "TAG=dotenv\n" }, [".env"]), "nginx:dotenv");
    });

    test("let later environment files win", async () => {
      const files = { "a.env": "TAG=a\n", "b.env": "TAG=b\n" };
      assert.equal(await image(files, ["a.env", "b.env"]), "nginx:b");
      assert.equal(await image(files, ["b.env", "a.env"]), "nginx:a");
    });

    test("give a variable without value to a service from the environment files", async () => {
      const files = { "compose.yaml": `${PRINT}    environment: {A: , B: }\n`, "a.env": "A=1\n" };
      assert.deepEqual(fieldOf(await render(files, ["a.env"]), "environment"), { A: "1", B: null });
    });

    test("keep a value as it is: dollars, quotes and line ends", async () => {
      const files = {
        "compose.yaml": "services:\n  web:\n    image: a\n    command: ['echo', '$${HOME}', '${X}']\n",
        "a.env": `X='a$b "c" #d'\n`,
      };
      assert.deepEqual(fieldOf(await render(files, ["a.env"]), "command"), ["echo", "$${HOME}", 'a$$b "c" #d']);
    });

    test("render the services of the named profiles only, and merge files in their order", async () => {
      const directory = writeProject({
        "compose.yaml":
          "services:\n  web: {image: a:1}\n  gpu: {image: b, profiles: [gpu]}\n  tool: {image: c, profiles: [tool]}\n",
        "more.yaml": "services:\n  web: {image: a:2}\n",
      });
      const request = buildRenderRequest(directory);
      const files = [...request.files, join(directory, "more.yaml")];
      const model = await compose.render({ ...request, files, profiles: ["gpu"] }, never);
      assert.deepEqual(Object.keys(model["services"] as JsonObject).sort(), ["gpu", "web"]);
      assert.equal(fieldOf(model, "image"), "a:2");
    });

    const broken: [string, string, RegExp][] = [
      ["bad YAML", "services:\n  web: {image: a\n  x: [}\n", /^docker compose config: .*yaml: line \d+: did not find expected/],
      ["an unknown key", `${PRINT}    imag: b\n`, /services\.web additional propert(y|ies) '?imag'? (is )?not allowed$/i],
      ["a volume that is not defined", `${PRINT}    volumes: ["data:/x"]\n`, /service "web" refers to undefined volume data/],
      ["a wrong type", `${PRINT}    ports: 80\n`, /services\.web\.ports must be a (list|array)$/],
      ["a service that is not defined", `${PRINT}    depends_on: [db]\n`, /depends on undefined service "db"/],
      ["a missing env_file", `${PRINT}    env_file: missing.env\n`, /missing\.env not found/],
      ["a service without an image", "services:\n  web: {}\n", /service "web" has neither an image nor a build context/],
      [
        "a required variable",
        "services:\n  web: {image: 'a:${X:?say which}'}\n",
        /required variable X is missing a value: say which$/,
      ],
      ["a wrong size", `${PRINT}    mem_limit: lots\n`, /mem_limit'.*invalid size: 'lots'$/],
      ["a doubled key", `${PRINT}  web: {image: b}\n`, /line \d+: mapping key "web" already defined at line 2$/],
      [
        "a cycle",
        "services:\n  a: {image: a, depends_on: [b]}\n  b: {image: a, depends_on: [a]}\n",
        /cycle.*(a -> b -> a|b -> a -> b)/,
      ],
      ["half a variable", "services:\n  web: {image: 'a:${X'}\n", /invalid interpolation format for services\.web\.image\.?/],
    ];
    for (const [what, text, message] of broken) {
      test(`tell ${what} in one readable line`, async () => {
        await assert.rejects(render({ "compose.yaml": text }), (error: unknown) => {
          assert.ok(isHoldfastError(error));
          assert.deepEqual([error.code, error.handling], ["render-failed", "stalled"]);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n|level=|exit status/);
          return true;
        });
      });
    }

    test("tell a missing file and a missing environment file", async () => {
      const request = buildRenderRequest(writeProject({ "compose.yaml": PRINT }), ["no.env"]);
      await assert.rejects(compose.render(request, never), /no\.env/);
      await assert.rejects(compose.render(buildRenderRequest(writeProject({})), never), /compose\.yaml: no such file/);
    });

    test("be interruptible", async () => {
      const request = buildRenderRequest(writeProject({ "compose.yaml": PRINT }));
      await assert.rejects(compose.render(request, AbortSignal.abort()), { code: "aborted", handling: "transient" });
    });
  });
}

test("a plugin that is not there must be told as that", async () => {
  const compose = openCompose({ socket: "/nonexistent", plugin: "/nonexistent/docker-compose" });
  await assert.rejects(compose.version(never), { code: "compose-missing", handling: "transient" });
});
