import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findPlainSecrets } from "../../../agent/plan/policy/find-plain-secrets.ts";

// Made of parts, so that nobody's scanner takes them for what they look like.
const PASSWORD = ["hG7", "xQ2v", "Lw9p"].join("");
const GITHUB = `ghp_${"aB3".repeat(12)}`;

/** Where something is found, `line:column what`. */
const find = (text: string, holdsSettings = true) =>
  findPlainSecrets(text, holdsSettings).map(({ line, column, what }) => `${line}:${column} ${what}`);

describe("secrets in plain text", () => {
  test("must be found in every way in which settings are written", () => {
    for (const [line, column] of [
      [`DB_PASSWORD=${PASSWORD}`, 13],
      [`      DB_PASSWORD: ${PASSWORD}`, 20],
      [`      - DB_PASSWORD=${PASSWORD}`, 21],
      [`      - "DB_PASSWORD=${PASSWORD}"`, 22],
      [`  "DB_PASSWORD": "${PASSWORD}",`, 18],
      [`DB_PASSWORD = '${PASSWORD}' # really`, 15],
      [`export DB_PASSWORD=${PASSWORD}`, 20],
    ] as const)
      assert.deepEqual(find(`a: 1\n${line}\n`), [`2:${column} the value of DB_PASSWORD`], line);
  });

  for (const name of [
    "PASSWORD",
    "dbPassword",
    "POSTGRES_PASSWORD",
    "API_KEY",
    "apiKey",
    "SECRET",
    "auth-token",
    "MYSQL_ROOT_PASSWD",
  ])
    test(`must be found under the name ${name}`, () => assert.equal(find(`${name}: ${PASSWORD}`).length, 1));

  for (const line of [
    "PASSWORD: ${DB_PASSWORD}",
    "PASSWORD: ${DB_PASSWORD:?}",
    "PASSWORD:",
    'PASSWORD: ""',
    "PASSWORD: <your password>",
    "PASSWORD: '***'",
    "PASSWORD_FILE: /run/secrets/some-password",
    "PASSWORD: /run/secrets/password",
    "TOKEN_TTL: 3600000000",
    "TOKEN: 86400000000s",
    "ALLOW_EMPTY_PASSWORD: 'true'",
    `# PASSWORD: ${PASSWORD}`,
    "PASSWORD: aaaaaaaaaaaa",
    `HOSTNAME: ${PASSWORD}`,
    "secrets: [db_password]",
    "KEYCLOAK_HOST: auth.example.org",
    "DB_URL: postgres://app:${DB_PASSWORD}@db/app",
  ])
    test(`must not be seen in ${line}`, () => assert.deepEqual(find(line), []));

  test("must be found by their shape wherever they stand, also in files that hold no settings", () => {
    assert.deepEqual(find(`const a = "${GITHUB}";`, false), ["1:12 a GitHub token"]);
    assert.deepEqual(find(`x\n-----BEGIN OPENSSH PRIVATE KEY-----\n`, false), ["2:1 a private key"]);
    assert.deepEqual(find(`postgres://app:${PASSWORD}@db/app`, false), ["1:16 a password in an address"]);
    assert.deepEqual(find(`password: ${PASSWORD}`, false), []);
    assert.deepEqual(find("-----BEGIN PUBLIC KEY-----", false), []);
  });

  test("must be no finding when SOPS has encrypted them", () => {
    assert.deepEqual(find(`PASSWORD: ENC[AES256_GCM,data:${PASSWORD}]\nTOKEN: ${PASSWORD}\nsops:\n  mac: x\n`), []);
    assert.equal(find(`PASSWORD: ${PASSWORD}\nsops: {}\n`).length, 1, "the word alone encrypts nothing");
  });
});
