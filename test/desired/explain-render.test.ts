import assert from "node:assert/strict";
import { test } from "node:test";
import type { ComposeFile } from "../../agent/desired/compose-file.ts";
import { explainRender } from "../../agent/desired/explain-render.ts";
import { parseYaml } from "../../agent/desired/parse-yaml.ts";
import { renderFinding } from "../../agent/model/finding.ts";

function file(path: string, text: string): ComposeFile {
  const { document } = parseYaml(path, new TextEncoder().encode(text));
  assert.ok(document);
  return { path, directory: "", role: "main", variables: new Set(), document };
}

const BASE = file(
  "s/compose.yaml",
  "services:\n  web:\n    image: a\n    imge: b\n    ports: [x]\n  api:\n    mem_limit: plenty\n    ports: [http:3000]\n    depends_on: [dbb]\n",
);
const OVERRIDE = file("s/override.yaml", "services:\n  web: {ports: ['80', '81:x']}\n");

const CASES: readonly (readonly [string, string])[] = [
  [
    "docker compose config: validating /run/holdfast/render/stage-a1/root/compose.yaml: services.web Additional property imge is not allowed",
    's/compose.yaml:4:5: services.web Additional property imge is not allowed; did you mean "image"? (compose)',
  ],
  ["docker compose config: services.web.ports.1 is odd", "s/override.yaml:2:23: services.web.ports.1 is odd (compose)"],
  [
    "docker compose config: services.web.volumes must be a list",
    "s/override.yaml:2:8: services.web.volumes must be a list (compose)",
  ],
  ["docker compose config: Invalid hostPort: http", "s/compose.yaml:8:13: Invalid hostPort: http (compose)"],
  [
    'docker compose config: service "api" depends on undefined service dbb: invalid compose project',
    's/compose.yaml:9:18: service "api" depends on undefined service dbb: invalid compose project (compose)',
  ],
  [
    "docker compose config: error decoding 'services[api].mem_limit': invalid size",
    "s/compose.yaml:7:16: error decoding 'services[api].mem_limit': invalid size (compose)",
  ],
  ["docker compose config: something else", "s/compose.yaml:1:1: something else (compose)"],
];

for (const [message, expected] of CASES) {
  test(`${JSON.stringify(message)} is told at its place`, () => {
    assert.equal(renderFinding(explainRender(message, [BASE, OVERRIDE], "s/compose.yaml")), expected);
  });
}
