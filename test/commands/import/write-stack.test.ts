import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { parse } from "yaml";
import { writeStack } from "../../../agent/commands/import/write-stack.ts";
import { createTemporaryDirectory } from "../../servers/temporary-directory.ts";

it("names of Compose files and profiles must be read back as they are, whatever they hold", async () => {
  const directory = createTemporaryDirectory("hf-write-");
  const files = ["compose.yaml", "my [old]: file.yaml", "1.yaml"];
  const profiles = ["gpu", "true", "with, comma", "12"];
  const project = { name: "web", profiles, copies: new Map(), values: {}, notes: [] };
  const composeFiles = new Map(files.map((path) => [path, "services: {}\n"]));
  await writeStack({ ...project, composeFiles }, { directory, host: "box", hostEnvDir: join(directory, "env"), adopt: false });
  const { compose } = parse(readFileSync(join(directory, "stacks", "web", "stack.yaml"), "utf8"));
  assert.deepEqual(compose, { files, profiles });
});
