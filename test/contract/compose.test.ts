import assert from "node:assert/strict";
import { test } from "node:test";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { testCompose } from "./compose.contract.ts";
import { openFakeComposeSubject, openRealComposeSubject } from "./compose-subjects.ts";

const plugins = await listComposePlugins();

test("there must be an old and a new Compose to test with", () => assert.ok(plugins.length >= 2));
testCompose("the fake Compose", openFakeComposeSubject);
for (const { version, path } of plugins) testCompose(`Compose ${version}`, () => openRealComposeSubject(path));
