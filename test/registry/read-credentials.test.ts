import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readCredentials } from "../../agent/registry/read-credentials.ts";
import { assertFails, identityToken, password, user } from "./assert-fails.ts";
import { describeAuth, never, temporaryDirectory, writeDockerConfig } from "./fixture.ts";

const PATH = "/usr/bin:/bin";
const none = { kind: "none" };
const found = { kind: "password", ...user };

function read(t: TestContext, registry: string, config: object, helperPath = PATH) {
  return readCredentials(registry, { configFile: writeDockerConfig(t, config), helperPath }, never);
}

/** A credential helper that does what the shell script says. Returns the PATH with it. */
function writeHelper(t: TestContext, script: string, name = "test"): string {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, `docker-credential-${name}`), 0o755);
  return `${directory}:${PATH}`;
}

/** One that has a password for one registry and answers as docker-credential-helpers does. */
const keychain = (server: string) => `
  test "$1" = get || exit 2
  read -r asked
  if [ "$asked" = "${server}" ]; then
    echo '{"ServerURL":"${server}","Username":"fleet","Secret":"${password}"}'
  else
    echo "credentials not found in native keychain"; exit 1
  fi`;

test("credentials must be found under the registry's name, in each of its spellings", async (t) => {
  const entry = describeAuth(user);
  for (const key of ["ghcr.io", "https://ghcr.io", "http://ghcr.io/v2/", "ghcr.io/org"]) {
    assert.deepEqual(await read(t, "ghcr.io", { auths: { "other.io": describeAuth(user), [key]: entry } }), found, key);
  }
  for (const key of ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"]) {
    assert.deepEqual(await read(t, "docker.io", { auths: { [key]: entry } }), found, key);
  }
  assert.deepEqual(await read(t, "nas:5000", { auths: { "nas:5000": { username: "fleet", password } } }), found);
});

test("credentials of one registry must be those of no other", async (t) => {
  const entry = describeAuth(user);
  const auths = { "ghcr.io": entry, "nas:5000": entry, "a.example": entry };
  for (const registry of ["docker.io", "nas", "nas:5001", "hcr.io", "ghcr.io.evil.example", "example"]) {
    assert.deepEqual(await read(t, registry, { auths }), none, registry);
  }
});

test("the exact name must win over another spelling", async (t) => {
  const auths = { "https://ghcr.io/v1/": describeAuth({ ...user, username: "old" }), "ghcr.io": describeAuth(user) };
  assert.deepEqual(await read(t, "ghcr.io", { auths }), found);
});

test("an entry must be read whatever it holds", async (t) => {
  const entries: [unknown, object][] = [
    [{ auth: Buffer.from("fleet:a:b\0\0").toString("base64") }, { kind: "password", username: "fleet", password: "a:b" }],
    [
      { ...describeAuth(user), identitytoken: identityToken },
      { kind: "identity-token", token: identityToken },
    ],
    [{ registrytoken: "t" }, { kind: "registry-token", token: "t" }],
    [{}, none],
    [{ auth: "" }, none],
    [{ auth: "====" }, none],
    [{ auth: 1 }, none],
    [null, none],
    ["x", none],
  ];
  for (const [entry, expected] of entries) {
    assert.deepEqual(await read(t, "ghcr.io", { auths: { "ghcr.io": entry } }), expected, JSON.stringify(entry));
  }
});

test("a missing file must mean no credentials; one that cannot be read must be told without its content", async (t) => {
  const directory = temporaryDirectory(t);
  const options = { configFile: join(directory, "config.json"), helperPath: PATH };
  assert.deepEqual(await readCredentials("ghcr.io", options, never), none);
  const expected = { code: "registry-refused", handling: "stalled" };
  for (const text of [`{"auths":{"ghcr.io":{"password":"${password}`, "1", ""]) {
    writeFileSync(options.configFile, text);
    await assertFails(readCredentials("ghcr.io", options, never), { ...expected, message: /config\.json .* is not JSON$/ });
  }
  await assertFails(readCredentials("ghcr.io", { ...options, configFile: directory }, never), {
    ...expected,
    message: /cannot be read \(EISDIR\)$/,
    hint: /docker\.configFile/,
  });
});

test("the helper of a registry must be asked before the helper for all, and that before the file", async (t) => {
  const path = writeHelper(t, keychain("ghcr.io"));
  const auths = { "ghcr.io": describeAuth({ ...user, username: "file" }) };
  assert.deepEqual(await read(t, "ghcr.io", { auths, credsStore: "test" }, path), found);
  assert.deepEqual(await read(t, "ghcr.io", { auths, credsStore: "none", credHelpers: { "ghcr.io": "test" } }, path), found);
  assert.deepEqual(await read(t, "quay.io", { auths, credsStore: "test" }, path), none);
  const hub = writeHelper(t, keychain("https://index.docker.io/v1/"));
  assert.deepEqual(await read(t, "docker.io", { credsStore: "test" }, hub), found);
});

test("a helper that knows no credentials must mean none, in either way of saying so", async (t) => {
  assert.deepEqual(await read(t, "x.io", { credsStore: "test" }, writeHelper(t, keychain("y.io"))), none);
  const empty = writeHelper(t, `echo '{"ServerURL":"x.io","Username":"","Secret":""}'`);
  assert.deepEqual(await read(t, "x.io", { credsStore: "test" }, empty), none);
});

test("a helper must tell an identity token by the name that stands for it", async (t) => {
  const path = writeHelper(t, `echo '{"ServerURL":"x","Username":"<token>","Secret":"${identityToken}"}'`);
  const expected = { kind: "identity-token", token: identityToken };
  assert.deepEqual(await read(t, "x.io", { credsStore: "test" }, path), expected);
});

test("a helper must see no more of the environment than it needs", async (t) => {
  const directory = temporaryDirectory(t);
  const path = writeHelper(t, `env | cut -d= -f1 | sort > ${directory}/env; ${keychain("x.io")}`);
  process.env["HOLDFAST_TEST_SECRET"] = password;
  await read(t, "x.io", { credsStore: "test" }, path);
  assert.deepEqual(
    readFileSync(join(directory, "env"), "utf8")
      .split("\n")
      .filter((name) => /^(PATH|HOME|DOCKER|HOLDFAST)/.test(name)),
    ["DOCKER_CONFIG", "HOME", "PATH"],
  );
});

test("a helper that fails must be told in one line, without what it printed before", async (t) => {
  const config = { credHelpers: { "x.io": "test" } };
  const expected = { code: "registry-refused", handling: "transient", hint: /^try: echo x\.io \| docker-credential-test get$/ };
  const failures: [string, RegExp][] = [
    [
      "echo; echo 'gpg: no secret key' ; echo more; exit 1",
      /^docker-credential-test, which \S+config\.json names for x\.io, failed: gpg: no secret key$/,
    ],
    ["echo 'pinentry: no terminal' >&2; exit 2", /failed: pinentry: no terminal$/],
    ["exit 3", /failed: exit code 3$/],
    [`echo '{"Secret":"${password}"}'; echo 'disk full' >&2; exit 1`, /failed: disk full$/],
    [`echo 'Secret: ${password}'`, /printed no credentials in JSON$/],
    ["echo '{}'", /printed no credentials in JSON$/],
  ];
  for (const [script, message] of failures) {
    await assertFails(read(t, "x.io", config, writeHelper(t, script)), { ...expected, message });
  }
});

test("a helper that is missing, or is none, must be told", async (t) => {
  const expected = { code: "registry-refused", handling: "stalled" };
  await assertFails(read(t, "x.io", { credsStore: "missing" }), {
    ...expected,
    message: /^docker-credential-missing, which \S+ names for x\.io, cannot be run \(ENOENT\)$/,
    hint: /install it in/,
  });
  await assertFails(read(t, "x.io", { credsStore: "../../bin/sh" }), { ...expected, message: /as credential helper$/ });
});
