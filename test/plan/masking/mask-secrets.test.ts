import assert from "node:assert/strict";
import { test } from "node:test";
import { isConfidential, maskSecrets } from "../../../agent/plan/masking/mask-secrets.ts";

const ROWS: readonly (readonly [string, string, string, (readonly string[])?])[] = [
  ["a value that the stack knows", "dsn = postgres-hunter2", "dsn = ***", ["postgres-hunter2"]],
  [
    "each line of a value of several lines",
    "+ one-line\n+   two-line\nthree",
    "+ ***\n+   ***\nthree",
    ["one-line\n  two-line\nabc"],
  ],
  ["nothing for a value that stands everywhere", "a=1 b=12", "a=1 b=12", ["1", "12", "a=1"]],
  ["what a name says is a secret", "db_password: hunter2\nuser: me", "db_password: ***\nuser: me"],
  ["the same in JSON", '"apiKey": "abc",\n"name": "x"', '"apiKey": ***\n"name": "x"'],
  ["the same without a sign between", "requirepass hunter2", "requirepass ***"],
  ["a header", "Authorization: Bearer abc.def", "Authorization: ***"],
  ["a password in a URL", "https://me:hunter2@git.lan/x", "https://***@git.lan/x"],
  [
    "a private key",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY-----\nrest",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n***\n-----END OPENSSH PRIVATE KEY-----\nrest",
  ],
  ["a private key that is cut off", "-----BEGIN PRIVATE KEY-----\nabc\ndef", "-----BEGIN PRIVATE KEY-----\n***\n"],
  [
    "nothing of a usual configuration",
    "server {\n  listen 80;\n  proxy_pass http://app:80;\n}",
    "server {\n  listen 80;\n  proxy_pass http://app:80;\n}",
  ],
];
for (const [name, text, expected, values = []] of ROWS)
  test(`must mask ${name}`, () => assert.equal(maskSecrets(text, values), expected));

test("must show nothing at all of files that are secrets by their use or by their name", () => {
  const hidden = [
    ".env",
    "app.env",
    "conf/.env.local",
    "tls/site.key",
    "ca.pem",
    "htpasswd",
    "conf/db-password.txt",
    "id_ed25519",
  ];
  for (const path of hidden) assert.ok(isConfidential({ path }), path);
  for (const path of ["nginx.conf", "environment.md", "keys.md", "compose.yaml"]) assert.ok(!isConfidential({ path }), path);
  assert.ok(isConfidential({ path: "plain.txt", secret: true }));
});
