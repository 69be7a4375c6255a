import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Result, runHoldfast } from "../commands/start-holdfast.ts";
import { loadImages } from "../engine/load-images.ts";
import { runCommand } from "../engine/run-command.ts";
import { type Engine, startEngine } from "../engine/start-engine.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const PASSWORD = "Vq7-correct$horse battery";

/** A project as people have them: comments, a list and a mapping, an anchor, data beside configuration, secrets in a file. */
const SHOP = `name: shop
x-base: &base # what all have in common
  image: busybox:1.35
  restart: unless-stopped
  stop_grace_period: 0s
services:
  # The page.
  web:
    <<: *base
    command: [httpd, -f, -p, "\${PORT}", -h, /www]
    env_file: web.env
    environment:
      - MODE=production
    volumes:
      - ./www:/www:ro
      - ./data:/data # uploads
      - \${SHARED:-./shared}:/shared
      - cache:/cache
  db:
    <<: *base
    command: [sh, -c, "echo begun >>/var/lib/db/log; exec sleep 100000"]
    env_file:
      - path: db.env
    environment:
      MODE: production
      ROOT_PASSWORD: "Tr0ub4dor&3-x9Kq"
    volumes:
      - {type: bind, source: ./db, target: /var/lib/db}
    secrets: [key]
    configs: [{source: tuning, target: /etc/tuning}]
  extra:
    <<: *base
    profiles: [full]
    command: [sleep, "100000"]
secrets:
  key: {file: ./key.txt}
configs:
  tuning: {file: tuning.conf}
volumes:
  cache: {}
`;

describe("holdfast import", () => {
  const directory = createTemporaryDirectory("hf-import-");
  const shop = join(directory, "srv", "shop");
  const repository = join(directory, "infra");
  const written = (path: string): string => readFileSync(join(repository, "desired-state", path), "utf8");
  let engine: Engine;
  let environment: Record<string, string>;

  before(async () => {
    engine = await startEngine();
    await loadImages(engine.socket, ["busybox:1.35"]);
    environment = {
      HOLDFAST_HOST: "box",
      HOLDFAST_REPOSITORY_URL: repository,
      HOLDFAST_DOCKER_SOCKET: engine.socket,
      HOLDFAST_STATE_DIR: join(directory, "state"),
      HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      HOLDFAST_HOST_ENV_DIR: join(directory, "env"),
    };
    const files: Record<string, string> = {
      "compose.yaml": SHOP,
      ".env": "PORT=8080\nCOMPOSE_PROFILES=full\n",
      "web.env": `API_TOKEN='${PASSWORD}'\nSHARED_NAME=web\n`,
      "db.env": "SHARED_NAME=db\n",
      "www/index.html": "hello\n",
      "tuning.conf": "fast=yes\n",
      "key.txt": "a key\n",
      "data/upload.txt": "precious\n",
      "db/log": "",
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(shop, path)), { recursive: true });
      writeFileSync(join(shop, path), text);
    }
    mkdirSync(join(directory, "srv", "gone"));
    writeFileSync(
      join(directory, "srv", "gone", "compose.yaml"),
      "services: {one: {image: busybox:1.35, command: [sleep, '9999']}}\n",
    );
    mkdirSync(repository);
    await runCommand(["git", "-C", repository, "init", "--quiet", "--initial-branch=main"]);
    await up("shop");
    await up("gone");
    await runCommand(["rm", join(directory, "srv", "gone", "compose.yaml")]);
  });
  after(async () => engine.stop());

  const up = (name: string) =>
    engine.docker(["compose", "--project-directory", join(directory, "srv", name), "--profile", "full", "up", "--detach"]);
  const holdfast = (...args: string[]): Promise<Result> => runHoldfast(args, { environment, cwd: directory });
  async function commit(): Promise<void> {
    const git = ["git", "-C", repository, "-c", "user.name=Test", "-c", "user.email=test@example.org"];
    await runCommand([...git, "add", "--all"]);
    await runCommand([...git, "commit", "--quiet", "--message", "import"]);
  }
  async function containers(): Promise<Map<string, { id: string; env: string[]; mounts: string[] }>> {
    const { stdout: ids } = await engine.docker(["ps", "--quiet"]);
    const { stdout } = await engine.docker(["inspect", ...ids.trim().split("\n")]);
    type Info = { Id: string; Name: string; Config: { Env: string[] }; Mounts: { Source: string; Destination: string }[] };
    return new Map(
      (JSON.parse(stdout) as Info[]).map(({ Id, Name, Config, Mounts }) => [
        Name.slice(1),
        { id: Id, env: Config.Env.sort(), mounts: Mounts.map((one) => `${one.Destination} ${one.Source}`).sort() },
      ]),
    );
  }

  it("a project that does not exist must be told, with those that do", async () => {
    const { exitCode, stderr } = await holdfast("import", "shpo", "--directory", repository);
    assert.equal(exitCode, 1);
    assert.equal(stderr, "holdfast: no Compose project shpo runs here\n  these do: gone, shop\n");
  });

  it("a project whose files are gone must leave nothing behind", async () => {
    const other = join(directory, "nothing");
    const { exitCode, stderr } = await holdfast("import", "gone", "--directory", other);
    assert.deepEqual([exitCode, stderr.split("\n").length], [1, 2], stderr);
    assert.ok(!existsSync(join(other, "desired-state")));
  });

  it("must write what can be read, say why the rest is left out, and commit no secret", async () => {
    const { exitCode, stdout, stderr } = await holdfast("import", "--directory", repository);
    assert.match(stderr, /^gone: not imported: .*gone\/compose\.yaml cannot be read: ENOENT: no such file or directory; put /);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^shop: .*stacks\/shop \(stack\.yaml, compose\.yaml, www\/index\.html, tuning\.conf\)\n {2}5 values of/);
    assert.match(stdout, /\.\/data stays at .*srv\/shop\/data\n/);
    assert.match(stdout, /key\.txt: it is a secret\n/);
    assert.match(stdout, /\$\{SHARED:-\.\/shared\}:\/shared: where this leads depends on a variable/);
    assert.equal(
      written("stacks/shop/stack.yaml"),
      "hosts: {names: [box]}\ncompose: {profiles: [full]}\nhostEnvFiles: [shop.env]\n",
    );
    const text = written("stacks/shop/compose.yaml");
    for (const kept of ["# what all have in common", "# The page.", "# uploads", "- cache:/cache", "./www:/www:ro"])
      assert.ok(text.includes(kept), `${kept} in\n${text}`);
    assert.ok(text.includes(`- ${shop}/data:/data`) && text.includes(`${shop}/db`), text);
    assert.doesNotMatch(text, /name: shop|env_file|Tr0ub4dor/);
    const env = join(directory, "env", "shop.env");
    assert.equal(statSync(env).mode & 0o777, 0o600);
    for (const line of ["PORT=", "API_TOKEN=", "SHARED_NAME=", "DB_SHARED_NAME=", "ROOT_PASSWORD="])
      assert.ok(readFileSync(env, "utf8").includes(line), line);
    assert.ok(!existsSync(join(repository, "desired-state", "stacks", "gone")));
    const { stdout: found } = await runCommand(["grep", "-rlE", "horse|Tr0ub4dor|a key", repository], { allowFailure: true });
    assert.equal(found, "");
  });

  it("what was written must not be written over", async () => {
    const { exitCode, stderr } = await holdfast("import", "shop", "--directory", repository);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^shop: not imported: .*stacks\/shop exists already; remove it to import the project anew\n$/);
  });

  it("without adoption nothing of theirs must be touched", async () => {
    // The one path that depends on a variable, as its note asks.
    const path = join(repository, "desired-state", "stacks", "shop", "compose.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace("${SHARED:-./shared}", `${shop}/shared`));
    const validated = await holdfast("validate", repository);
    assert.equal(validated.exitCode, 0, validated.stderr);
    await commit();
    const before = await containers();
    const planned = await holdfast("plan");
    assert.match(planned.stdout, /project shop already runs here without Holdfast .*set adopt: true/, planned.stderr);
    await holdfast("once");
    assert.deepEqual(await containers(), before);
  });

  it("with adoption each container must be made anew once, with the same environment and data", async () => {
    await runCommand(["rm", "-r", join(repository, "desired-state", "stacks", "shop")]);
    const imported = await holdfast("import", "shop", "--adopt", "--directory", repository);
    assert.equal(imported.exitCode, 0, imported.stderr);
    assert.match(imported.stdout, /shows which containers are made anew, once\.\n$/);
    const path = join(repository, "desired-state", "stacks", "shop", "compose.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace("${SHARED:-./shared}", `${shop}/shared`));
    await commit();
    const before = await containers();
    const planned = await holdfast("plan");
    assert.equal(planned.exitCode, 2, planned.stderr);
    for (const name of ["shop-web-1", "shop-db-1", "shop-extra-1"]) assert.ok(planned.stdout.includes(name), planned.stdout);
    const done = await holdfast("once");
    assert.equal(done.exitCode, 0, done.stderr);
    const now = await containers();
    assert.deepEqual([...now.keys()].sort(), [...before.keys()].sort());
    for (const [name, { id, env, mounts }] of now) {
      const then = before.get(name);
      if (name === "gone-one-1") assert.equal(id, then?.id);
      else assert.notEqual(id, then?.id);
      assert.deepEqual(env, then?.env, name);
      const isData = (mount: string): boolean => !/^\/(www|etc\/tuning) /.test(mount);
      assert.deepEqual(mounts.filter(isData), then?.mounts.filter(isData), name);
    }
    assert.equal(readFileSync(join(shop, "db", "log"), "utf8"), "begun\nbegun\n");
    assert.equal(readFileSync(join(shop, "data", "upload.txt"), "utf8"), "precious\n");
    const again = await holdfast("plan");
    assert.equal(again.exitCode, 0, again.stdout);
    const second = await holdfast("import", "shop", "--directory", join(directory, "other"));
    assert.match(second.stderr, /^shop: not imported: Holdfast converges it already\n$/);
  });
});
