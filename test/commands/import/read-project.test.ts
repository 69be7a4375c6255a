import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readProject } from "../../../agent/commands/import/read-project.ts";
import { createTemporaryDirectory } from "../../servers/temporary-directory.ts";

describe("a project that is imported", () => {
  const directory = createTemporaryDirectory("hf-read-project-");
  const file = join(directory, "compose.yaml");
  writeFileSync(file, "services: {web: {image: busybox}}\n");
  const read = (name: string) =>
    readProject({ name, directory, composeFiles: [file], envFiles: [], managed: false, services: [] });

  // An image can carry the label that says so.
  for (const name of ["../../../etc/cron.d", "..", "/tmp/x", "a/b", "", "Web", "a\nb", "x".repeat(64)])
    it(`must be left out when it is called ${JSON.stringify(name)}, which is no place for a stack`, () => {
      const found = read(name);
      assert.match(String(found), /its name is no name of a stack/);
    });

  it("must be read when a stack can have its name", () => {
    assert.equal(typeof read("my_shop-2"), "object");
  });
});
