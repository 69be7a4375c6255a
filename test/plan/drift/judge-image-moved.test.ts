import assert from "node:assert/strict";
import { test } from "node:test";
import { canMove, judgeImageMoved } from "../../../agent/plan/drift/judge-image-moved.ts";

const digest = (character: string) => `sha256:${character.repeat(64)}`;
const [A, B] = [digest("a"), digest("b")];

test("a tag that names what was pulled must not have moved, however it is spelled", () => {
  assert.equal(judgeImageMoved("nginx:1.25", [`nginx@${A}`], A), "same");
  assert.equal(judgeImageMoved("docker.io/library/nginx:1.25", [`nginx@${A}`], A), "same");
  assert.equal(judgeImageMoved("nginx", [`docker.io/library/nginx@${A}`], A), "same");
  assert.equal(judgeImageMoved("nas:5000/app:1", [`nas:5000/app@${A}`], A), "same");
});

test("a tag that names something else must have moved", () => {
  assert.equal(judgeImageMoved("nginx:1.25", [`nginx@${A}`], B), "moved");
});

test("an image that was pulled under several digests must be each of them", () => {
  const both = [`nginx@${A}`, `nginx@${B}`];
  assert.equal(judgeImageMoved("nginx", both, A), "same");
  assert.equal(judgeImageMoved("nginx", both, B), "same");
  assert.equal(judgeImageMoved("nginx", both, digest("c")), "moved");
});

test("the digest of another repository must count for nothing", () => {
  assert.equal(judgeImageMoved("nginx", [`ghcr.io/mirror/nginx@${B}`, `nginx@${A}`], B), "moved");
  for (const other of ["ghcr.io/library/nginx", "httpd", "mirror/nginx"]) {
    assert.equal(judgeImageMoved("nginx", [`${other}@${A}`], A), "unknown", other);
  }
});

test("an image that was built here, or is named by its id, must be unknown and never have moved", () => {
  assert.equal(judgeImageMoved("holdfast/web-app:1", [], A), "unknown");
  assert.equal(judgeImageMoved("nginx", ["<none>@<none>"], A), "unknown");
  assert.equal(judgeImageMoved(A, [`nginx@${A}`], B), "unknown");
});

test("a reference with a digest must never have moved", () => {
  assert.equal(judgeImageMoved(`nginx:1@${A}`, [`nginx@${A}`], B), "same");
});

test("only what was pulled by a tag must be worth a question", () => {
  assert.equal(canMove("nginx", [`nginx@${A}`]), true);
  assert.equal(canMove("nginx", []), false);
  assert.equal(canMove("nginx", [`ghcr.io/nginx@${A}`]), false);
  assert.equal(canMove(`nginx@${A}`, [`nginx@${A}`]), false);
  assert.equal(canMove(A, [`nginx@${A}`]), false);
});
