import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDocument } from "yaml";
import { createHostValues } from "../../../agent/commands/import/host-values.ts";
import { findObstacle, listProfiles, rewriteCompose } from "../../../agent/commands/import/rewrite-compose.ts";

/** What a Compose file becomes, and which values stay on the host. */
function rewrite(text: string, environment: readonly string[] = []) {
  const document = parseDocument(text, { merge: true });
  const values = createHostValues();
  const notes: string[] = [];
  const services = ["a", "b"].map((name) => ({ name, image: `built-${name}`, environment }));
  rewriteCompose(document, {
    services,
    place: (source, use) => `${use}(${source})`,
    readEnv: (path) => ({ FROM: path, KEPT: "1" }),
    values,
    note: (note) => notes.push(note),
  });
  return { text: document.toString({ lineWidth: 0 }), values: values.all(), notes };
}

describe("rewriting a Compose file of a running project", () => {
  it("an environment file that services share must become variables of each", () => {
    const { text, values } = rewrite(
      "x-base: &base\n  env_file: [one.env] # shared\n  image: busybox\nservices:\n  a:\n    <<: *base\n  b:\n    <<: *base\n    environment: {KEPT: own}\n",
    );
    assert.doesNotMatch(text, /env_file/);
    assert.match(text, /a:\n {4}<<: \*base\n {4}environment:\n {6}FROM: \$\{FROM\}\n {6}KEPT: \$\{KEPT\}\n/);
    assert.match(text, /b:\n {4}<<: \*base\n {4}environment: \{ KEPT: own, FROM: "?\$\{FROM\}"? \}/);
    assert.deepEqual(values, { FROM: "one.env", KEPT: "1" });
  });

  it("a name with two values must become two variables", () => {
    const { text, values } = rewrite("services:\n  a: {env_file: one.env}\n  b: {env_file: two.env}\n");
    assert.match(text, /b: \{ environment: \{ FROM: "?\$\{B_FROM\}"?, KEPT: "?\$\{KEPT\}"? \} \}/);
    assert.deepEqual(values, { B_FROM: "two.env", FROM: "one.env", KEPT: "1" });
  });

  it("a password that services share by an anchor must stay on the host, at the anchor too", () => {
    const { text, values, notes } = rewrite(
      "x-env: &env\n  DB_PASSWORD: Vq7-correct-horse\n  MODE: a\nx-list: &list\n  - API_TOKEN=abcdEFGH1234-zz\nx-base: &base\n  environment: {ROOT_PASSWORD: Tr0ub4dor&3-x9Kq}\n" +
        "services:\n  a:\n    environment: {<<: *env, OWN: '1'}\n  b:\n    <<: *base\n    labels: {app.password: 'pa$$word-1234xyz'}\n  c:\n    environment: *list\n",
    );
    assert.doesNotMatch(text, /Vq7|abcdEFGH|Tr0ub4dor|word-1234/);
    assert.match(text, /^ {2}DB_PASSWORD: \$\{DB_PASSWORD\}\n {2}MODE: a\n/m);
    assert.match(text, /^ {2}- API_TOKEN=\$\{API_TOKEN\}\n/m);
    assert.deepEqual(
      new Set(Object.values(values)),
      new Set(["Vq7-correct-horse", "abcdEFGH1234-zz", "Tr0ub4dor&3-x9Kq", "pa$word-1234xyz"]),
    );
    assert.deepEqual(notes, []);
  });

  it("a password must be found on command lines, and nothing else be taken for it", () => {
    const { text, values } = rewrite(
      "services:\n  a:\n    environment: {DB_PASSWORD: password}\n    command: [serve, --requirepass, password, --token=abcdEFGH1234-zz, /run/password, password-file]\n    healthcheck: {test: 'ping -a password || exit 1'}\n",
    );
    assert.match(
      text,
      /command: \[ serve, --requirepass, "?\$\{DB_PASSWORD\}"?, "?--token=\$\{token\}"?, \/run\/password, password-file \]/,
    );
    assert.match(text, /ping -a \$\{DB_PASSWORD\} \|\| exit 1/);
    assert.deepEqual(values, { DB_PASSWORD: "password", token: "abcdEFGH1234-zz" });
  });

  it("a password or token that stands in another value must stay on the host, or be told", () => {
    const { text, values, notes } = rewrite(
      `services:\n  a:\n    environment:\n      DATABASE_URL: postgres://me:hunter2@db/app\n      KEY: ghp_${"a1".repeat(20)}\n      OTHER_URL: postgres://me:hunter3@\${HOST}/app\n      # OLD_PASSWORD: Vq7-correct-horse\n`,
    );
    assert.match(text, /DATABASE_URL: \$\{DATABASE_URL\}\n {6}KEY: \$\{KEY\}\n/);
    assert.deepEqual(values, { DATABASE_URL: "postgres://me:hunter2@db/app", KEY: `ghp_${"a1".repeat(20)}` });
    assert.deepEqual(
      notes.map((note) => /^line (\d+)/.exec(note)?.[1]),
      ["6", "7"],
    );
    assert.doesNotMatch(notes.join(), /hunter|Vq7/);
  });

  it("a value must be the one that runs", () => {
    assert.deepEqual(rewrite("services:\n  a: {env_file: one.env}\n", ["FROM=elsewhere", "KEPT=1"]).values["FROM"], "elsewhere");
  });

  it("mounts that are shared by an alias must be placed once, and everything else stay as it is written", () => {
    const { text } = rewrite(
      "services:\n  a:\n    volumes: &v\n      - ./conf:/conf:ro,z # settings\n      - data:/data\n      - /abs:/abs\n  b:\n    volumes: *v\n    ports:\n      - '80:80'\n",
    );
    assert.equal(
      text,
      "services:\n  a:\n    volumes: &v\n      - read(./conf):/conf:ro,z # settings\n      - data:/data\n      - /abs:/abs\n  b:\n    volumes: *v\n    ports:\n      - '80:80'\n",
    );
  });

  it("what was built here must be named by its image", () => {
    const { text, notes } = rewrite("services:\n  a: {build: .}\n  b: {build: ./b, image: mine:1}\n");
    assert.equal(text, "services:\n  a: { image: built-a }\n  b: { image: mine:1 }\n");
    assert.equal(notes.length, 2);
  });

  it("files that read others must be told, and profiles of what runs be found", () => {
    assert.match(findObstacle(parseDocument("include: [other.yaml]\nservices: {}\n")) ?? "", /includes other files/);
    assert.match(findObstacle(parseDocument("services: {a: {extends: {file: x.yaml}}}\n")) ?? "", /its service a extends/);
    assert.equal(findObstacle(parseDocument("services: {a: {extends: {service: b}}, b: {}}\n")), undefined);
    const document = parseDocument("services: {a: {profiles: [gpu, all]}, b: {}, c: {profiles: [other]}}\n");
    assert.deepEqual(
      listProfiles(document, [
        { name: "a", image: "", environment: [] },
        { name: "b", image: "", environment: [] },
      ]),
      ["gpu"],
    );
  });
});
