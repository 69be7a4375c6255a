import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPlugin } from "../../agent/compose/find-plugin.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import { writeProject } from "./projects.ts";

test("the first executable plugin must be found", async () => {
  const directory = writeProject({ "a/other": "", "b/docker-compose": "", "c/docker-compose": "", "d/docker-compose": "" });
  for (const name of ["c", "d"]) chmodSync(join(directory, name, "docker-compose"), 0o755);
  const places = ["none", "a", "b", "c", "d"].map((name) => join(directory, name));
  assert.equal(await findPlugin(places), join(directory, "c/docker-compose"));
});

test("a missing plugin must be told with the places where it was looked for, and what to do", async () => {
  await assert.rejects(findPlugin(["/nonexistent/a", "/nonexistent/b"]), (error: unknown) => {
    assert.ok(isHoldfastError(error));
    assert.equal(error.code, "compose-missing");
    assert.match(error.message, /not installed \(looked in \/nonexistent\/a, \/nonexistent\/b\)/);
    assert.match(error.hint ?? "", /apt-get install/);
    return true;
  });
});
