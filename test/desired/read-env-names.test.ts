import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnvNames } from "../../agent/desired/read-env-names.ts";
import { renderFinding } from "../../agent/model/finding.ts";

const read = (text: string) => readEnvNames("x.env", new TextEncoder().encode(text));

test("every name that a file defines is found", () => {
  const { names, findings } = read("# comment\nA=1\nexport B=2\nC='multi\nD=not a name\n'\nE=\r\nF=x # y\n");
  assert.deepEqual([names, findings], [["A", "B", "C", "E", "F"], []]);
});

test("names that steer Compose are findings at their place", () => {
  assert.deepEqual(read("A=1\n export COMPOSE_FILE=x\nDOCKER_HOST=y\n").findings.map(renderFinding), [
    "x.env:2:9: COMPOSE_FILE: names that start with COMPOSE_ or DOCKER_ steer Compose itself; choose another (variable-reserved)",
    "x.env:3:1: DOCKER_HOST: names that start with COMPOSE_ or DOCKER_ steer Compose itself; choose another (variable-reserved)",
  ]);
});

test("a file that is not text is a finding", () => {
  const { names, findings } = readEnvNames("x.env", new Uint8Array([65, 61, 0xff]));
  assert.deepEqual(
    [names, findings.map(renderFinding)],
    [[], ["x.env:1:3: byte 2 of the file is not UTF-8 (0xff); save it as UTF-8 (not-utf-8)"]],
  );
});
