import assert from "node:assert/strict";
import { copyFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openCompose } from "../../agent/compose/open-compose.ts";
import { describeServices } from "../../agent/plan/applied-stack.ts";
import type { CarryRequest } from "../../agent/plan/desire/carry-digest.ts";
import { nameTool } from "../../agent/plan/desire/digest-service.ts";
import { labelModel } from "../../agent/plan/desire/label-model.ts";
import { detectDrift } from "../../agent/plan/drift/detect-drift.ts";
import { type ComposePlugin, listComposePlugins } from "../engine/compose-plugins.ts";
import { buildApplied, buildContainer, buildStack } from "../plan/build.ts";
import { buildRenderRequest, writeProject } from "./projects.ts";

const never = new AbortController().signal;
const [old, current] = await listComposePlugins();
assert.ok(old !== undefined && current !== undefined, "an old and a new Compose to test with");

/** A mode in quotes is read by 2.26.1 as decimal, and by 2.40.3 as people mean it. */
const compose = (web = ""): string => `
services:
  web: {image: "a:1", configs: [{source: c, mode: "0440"}]${web}}
  api: {image: "a:1", configs: [{source: c, mode: "0440"}]}
  db: {image: "b:1"}
configs: {c: {content: x}}
`;

async function label(plugin: ComposePlugin, text: string, carry?: Omit<CarryRequest, "tool">) {
  const directory = writeProject({ "compose.yaml": text });
  const rendered = await openCompose({ socket: "/nonexistent", plugin: plugin.path }).render(
    buildRenderRequest(directory),
    never,
  );
  const request = { stack: "shop", rendered, renderedRoot: directory, root: "/srv/shop", files: [], variables: {} };
  const tool = nameTool(plugin.version);
  const { services, model } = labelModel({ ...request, carry: { tool, sameInputs: false, services: {}, ...carry } });
  return buildStack("shop", services, { model, composeVersion: plugin.version });
}

describe(`an upgrade of Compose from ${old.version} to ${current.version}`, () => {
  test("must keep every digest, and tell where it would be another", async () => {
    const before = await label(old, compose());
    const after = await label(current, compose(), { sameInputs: true, services: describeServices(before) });
    const digests = (stack: typeof before) => stack.services.map(({ name, digest }) => [name, digest]);
    assert.deepEqual(digests(after), digests(before));
    assert.notDeepEqual(digests(await label(current, compose())), digests(before), "or this tells nothing");
    const containers = after.services.map(({ name, digest }) => buildContainer("shop", name, { digest }));
    const drift = detectDrift({ stack: after, containers, applied: buildApplied(after) });
    assert.deepEqual(
      drift.map(({ kind, mode, cause }) => `${kind} ${mode}: ${cause}`),
      ["api", "web"].map(
        (name) =>
          `tool-changed report: Compose ${current.version} renders service ${name} differently than ${old.version} did: field configs; applied with its next real change`,
      ),
    );
  });

  test("must be applied to a service that changes, and to no other", async () => {
    const first = await label(old, compose());
    const seen = await label(current, compose(), { sameInputs: true, services: describeServices(first) });
    const changed = await label(current, compose(", user: root"), { sameInputs: false, services: describeServices(seen) });
    const digestOf = (stack: typeof first, name: string) => stack.services.find((service) => service.name === name);
    assert.notEqual(digestOf(changed, "web")?.digest, digestOf(first, "web")?.digest);
    assert.equal(digestOf(changed, "web")?.toolChange, undefined);
    assert.deepEqual(digestOf(changed, "api"), digestOf(seen, "api"));
    assert.deepEqual(digestOf(changed, "db")?.digest, digestOf(first, "db")?.digest);
  });
});

describe("the installed Compose", () => {
  test("must be asked for its version again when it is another one", async () => {
    const path = join(writeProject({}), "docker-compose");
    symlinkSync(old.path, path);
    const port = openCompose({ socket: "/nonexistent", plugin: path });
    const [version, fingerprint] = [await port.version(never), await port.fingerprint()];
    assert.equal(await port.fingerprint(), fingerprint);
    assert.match(version, new RegExp(`^${old.version}`));
    copyFileSync(current.path, `${path}.new`);
    renameSync(`${path}.new`, path);
    assert.notEqual(await port.fingerprint(), fingerprint);
    assert.match(await port.version(never), new RegExp(`^${current.version}`));
  });

  test("must be told as missing when it is, and found when it is back", async () => {
    const path = join(writeProject({}), "docker-compose");
    const port = openCompose({ socket: "/nonexistent", plugin: path });
    assert.equal(await port.fingerprint(), "missing");
    await assert.rejects(port.version(never), { code: "compose-missing" });
    symlinkSync(old.path, path);
    assert.notEqual(await port.fingerprint(), "missing");
    assert.match(await port.version(never), new RegExp(`^${old.version}`));
  });
});
