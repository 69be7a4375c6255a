import assert from "node:assert/strict";
import { test } from "node:test";
import { parseChallenge } from "../../agent/registry/parse-challenge.ts";

const hub = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull,push"';
const bearer = { scheme: "bearer", realm: "https://auth.docker.io/token", service: "registry.docker.io" };

const cases: [string, object | undefined][] = [
  [hub, bearer],
  [hub.replace("Bearer", "bearer").replaceAll(",", " , ").replaceAll("=", " = "), bearer],
  ['Bearer realm="https://a.example/t?x=1,2"', { scheme: "bearer", realm: "https://a.example/t?x=1,2" }],
  ['Bearer realm=https://a.example/t, service="a \\"b\\""', { scheme: "bearer", realm: "https://a.example/t", service: 'a "b"' }],
  ['Basic realm="Registry, Realm"', { scheme: "basic" }],
  ["Basic", { scheme: "basic" }],
  [`Basic realm="x", ${hub}`, bearer],
  [`${hub}, Basic realm="x"`, bearer],
  ['Bearer service="x", Basic realm="y"', { scheme: "basic" }],
  ["Negotiate", undefined],
  ['realm="x"', undefined],
  ['Digest realm="x", qop="auth"', undefined],
  ["", undefined],
  ['"', undefined],
];

for (const [header, expected] of cases) {
  test(`${JSON.stringify(header)} must be understood`, () => assert.deepEqual(parseChallenge(header), expected));
}
