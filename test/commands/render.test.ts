import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type Result, runHoldfast } from "./start-holdfast.ts";

const FILES = {
  "desired-state/fleet.yaml": "vars: {PUBLIC: shown}\n",
  "desired-state/hosts/box.yaml": "platform: linux/amd64\n",
  "desired-state/stacks/web/stack.yaml": "hosts: all\nhostEnvFiles: [web.env]\n",
  "desired-state/stacks/web/compose.yaml": `services:
  app:
    image: busybox:1.35
    restart: always
    command: [serve, "--url=http://admin:\${LONG}@db/\${SHORT}"]
    environment: {A: "\${LONG}", B: "\${SHORT}", C: "\${DOLLAR}", D: "\${PUBLIC}"}
`,
  "env/web.env": "LONG=horse-battery\nSHORT=horse\nDOLLAR='pa$$word'\nEMPTY=\n",
};

describe("holdfast render", { concurrency: 2 }, () => {
  const directory = createTemporaryDirectory("hf-render-");
  before(() => {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text, { mode: 0o600 });
    }
  });

  const render = (stack: string, host: string): Promise<Result> =>
    runHoldfast(["render", stack, "--host", host, "--directory", directory, "--host-env-dir", join(directory, "env")]);

  it("must print the model as it is converged, what the host's own files hold masked", async () => {
    const { exitCode, stdout, stderr } = await render("web", "box");
    assert.deepEqual([exitCode, stderr], [0, ""]);
    for (const secret of ["horse", "battery", "pa$", "word"]) assert.ok(!stdout.includes(secret), stdout);
    const model = JSON.parse(stdout) as { services: { app: { command: string[]; environment: object; labels: object } } };
    const { app } = model.services;
    assert.deepEqual(app.environment, { A: "***", B: "***", C: "***", D: "shown" });
    assert.deepEqual(app.command, ["serve", "--url=http://admin:***@db/***"]);
    assert.deepEqual(Object.keys(app.labels).sort(), ["holdfast.digest", "holdfast.stack"]);
  });

  for (const [stack, host, stderr] of [
    ["wbe", "box", 'holdfast: there is no stack "wbe" (web)\n'],
    ["web", "bxo", 'holdfast: there is no host "bxo" (box)\n'],
  ] as const) {
    it(`must say readably that there is no ${stack} on ${host}`, async () => {
      assert.deepEqual(await render(stack, host), { exitCode: 1, stdout: "", stderr });
    });
  }

  it("must exit 3 with the findings when the stack is invalid", async () => {
    const broken = createTemporaryDirectory("hf-render-");
    mkdirSync(join(broken, "desired-state/hosts"), { recursive: true });
    mkdirSync(join(broken, "desired-state/stacks/web"), { recursive: true });
    writeFileSync(join(broken, "desired-state/hosts/box.yaml"), "{}\n");
    writeFileSync(join(broken, "desired-state/stacks/web/stack.yaml"), "hosts: all\n");
    writeFileSync(join(broken, "desired-state/stacks/web/compose.yaml"), "services: {app: {image: 'x:${TAG}'}}\n");
    const { exitCode, stdout, stderr } = await runHoldfast(["render", "web", "--host", "box", "--directory", broken]);
    assert.deepEqual([exitCode, stdout], [3, ""]);
    assert.match(stderr, /^desired-state\/stacks\/web\/compose\.yaml:1:\d+: .*\$\{TAG\}.*\(variable-undefined\)$/m);
  });
});
