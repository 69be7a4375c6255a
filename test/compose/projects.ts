import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RenderRequest } from "../../agent/ports.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

/** Writes a project's files to a fresh directory, which is gone when the test process is. */
export function writeProject(files: Readonly<Record<string, string>>): string {
  const directory = createTemporaryDirectory("hf-project-");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

/** A request to render `compose.yaml` of a directory, with environment files named from there. */
export function buildRenderRequest(directory: string, envFiles: readonly string[] = []): RenderRequest {
  return {
    project: "shop",
    directory,
    files: [join(directory, "compose.yaml")],
    profiles: [],
    envFiles: envFiles.map((file) => join(directory, file)),
  };
}
