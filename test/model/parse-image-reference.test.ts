import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseImageReference, renderImageReference } from "../../agent/model/parse-image-reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

const spellings: [string, string][] = [
  ["nginx", "docker.io/library/nginx:latest"],
  ["nginx:1.25", "docker.io/library/nginx:1.25"],
  ["docker.io/nginx", "docker.io/library/nginx:latest"],
  ["index.docker.io/library/nginx", "docker.io/library/nginx:latest"],
  ["grafana/grafana:11.0.0", "docker.io/grafana/grafana:11.0.0"],
  ["docker.io/a/b/c:1", "docker.io/a/b/c:1"],
  ["ghcr.io/org/app:v1", "ghcr.io/org/app:v1"],
  ["nas:5000/app", "nas:5000/app:latest"],
  ["localhost/app", "localhost/app:latest"],
  ["localhost:5000/a/b:1", "localhost:5000/a/b:1"],
  ["local/app", "docker.io/local/app:latest"],
  ["127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1"],
  ["[::1]:5000/app:1", "[::1]:5000/app:1"],
  ["Registry/app", "Registry/app:latest"],
  ["registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"],
  [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
  [`nginx:1.25@${DIGEST}`, `docker.io/library/nginx:1.25@${DIGEST}`],
  ["sha256:1", "docker.io/library/sha256:1"],
  ["a__b/c-d.e_f--g:T_a.g-", "docker.io/a__b/c-d.e_f--g:T_a.g-"],
];

describe("a reference", () => {
  for (const [text, full] of spellings) {
    test(`${text} must mean ${full}`, () => {
      const reference = parseImageReference(text);
      assert.ok(reference);
      assert.equal(renderImageReference(reference), full);
      assert.deepEqual(parseImageReference(full), reference);
    });
  }

  test("must have its parts apart", () => {
    assert.deepEqual(parseImageReference(`nas:5000/a/b:1@${DIGEST}`), {
      registry: "nas:5000",
      repository: "a/b",
      tag: "1",
      digest: DIGEST,
    });
  });
});

const none = [
  "",
  "Nginx",
  "docker.io/Nginx",
  "nginx:",
  "nginx:-1",
  `nginx:${"a".repeat(129)}`,
  "nginx@",
  "nginx@sha256:abc",
  `nginx@${DIGEST}@${DIGEST}`,
  "a//b",
  "/nginx",
  "nginx/",
  "a_.b/c",
  "a___b/c",
  "../etc/passwd",
  "nas..lan/app",
  "-nas.lan/app",
  "nas.lan:port/app",
  "user@nas.lan/app",
  "https://nas.lan/app",
  "nas.lan/app?x=1",
  "nginx 1",
  "nginx\n",
  "<none>:<none>",
  `a/${"b".repeat(254)}`,
  DIGEST,
  DIGEST.slice(7),
];

describe("what is no reference", () => {
  for (const text of none) {
    test(`${JSON.stringify(text.slice(0, 40))} must be refused`, () => assert.equal(parseImageReference(text), undefined));
  }
});
