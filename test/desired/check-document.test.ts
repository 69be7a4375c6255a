import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { checkDocument } from "../../agent/desired/check-document.ts";
import { readDocument } from "../../agent/desired/read-document.ts";
import { renderFinding } from "../../agent/model/finding.ts";
import type { DocumentTypes as Documents } from "../../agent/ports/documents.ts";

const read = <K extends keyof Documents>(kind: K, text: string) => readDocument(kind, "f.yaml", new TextEncoder().encode(text));
const findingsOf = (kind: keyof Documents, text: string) => read(kind, text).findings.map(renderFinding);

const HOSTS = "all, {labels: {NAME: VALUE}} or {names: [HOST]}";
const NAME = "a name of lower-case letters, digits, - and _ that starts with a letter or a digit (63 characters at most)";

const CASES: [kind: keyof Documents, text: string, ...findings: string[]][] = [
  // Keys.
  ["stack", "hsots: all", '1:1: unknown key "hsots"; did you mean "hosts"? (unknown-key)'],
  ["stack", "hosts: all\ndepends_on: [a]", '2:1: unknown key "depends_on"; did you mean "dependsOn"? (unknown-key)'],
  [
    "host",
    "interval: 1m",
    '1:1: unknown key "interval"; known here: platform, labels, vars, address, requires, agent, suspend (unknown-key)',
  ],
  [
    "fleet",
    "constructor: 1",
    '1:1: unknown key "constructor"; known here: interval, vars, agent, alerts, policy, prune, fleet, defaults (unknown-key)',
  ],
  ["stack", "root: .", `1:1: the key "hosts" is missing; it takes ${HOSTS} (missing-key)`],
  [
    "agent",
    "repository:\n  branch: main",
    '2:3: repository: the key "url" is missing; it takes a string that is not empty (missing-key)',
  ],
  // A value of several shapes.
  ["stack", "hosts: al", `1:8: hosts: expected ${HOSTS}, found "al" (wrong-value)`],
  ["stack", "hosts: [a]", `1:8: hosts: expected ${HOSTS}, found a list (wrong-value)`],
  ["stack", "hosts:", `1:1: hosts: expected ${HOSTS}, found nothing (wrong-value)`],
  ["stack", "hosts: {label: {role: gpu}}", '1:9: unknown key "label"; did you mean "labels"? (unknown-key)'],
  [
    "stack",
    "hosts: {labels: {a: b}, names: [c]}",
    `1:8: hosts: expected ${HOSTS}, found a mapping with the keys labels, names (wrong-value)`,
  ],
  [
    "stack",
    "hosts: {labels: {gen: 5}}",
    "1:23: hosts.labels.gen: expected a string, found the number 5; put it in quotes (wrong-type)",
  ],
  [
    "stack",
    "hosts: {labels: {}}",
    "1:17: hosts.labels: expected a mapping of names to values, found an empty mapping (wrong-value)",
  ],
  ["stack", "hosts: {names: [GPU]}", `1:17: hosts.names[0]: expected ${NAME}, found "GPU" (wrong-value)`],
  // Types, enums, patterns, limits.
  ["stack", "hosts: all\ndependsOn: 5", "2:12: dependsOn: expected a list of strings, found the number 5 (wrong-type)"],
  ["stack", "hosts: all\ndependsOn: [a, b, a]", '2:19: dependsOn[2]: "a" is listed twice; keep one (duplicate-item)'],
  ["stack", "hosts: all\nadopt: yes", '2:8: adopt: expected true or false, found "yes" (wrong-type)'],
  ["stack", "hosts: all\ndrift: {mode: fix}", '2:15: drift.mode: expected heal, report or ignore, found "fix" (wrong-value)'],
  [
    "stack",
    "hosts: all\ncompose: {files: []}",
    "2:18: compose.files: the list is empty; give at least one item, or remove the key (wrong-value)",
  ],
  [
    "stack",
    "hosts: all\nhostEnvFiles: [../x.env]",
    '2:16: hostEnvFiles[0]: expected a relative path without .., found "../x.env" (wrong-value)',
  ],
  [
    "fleet",
    "interval: 1 minute",
    '1:11: interval: expected a duration such as 30s, 5m, 1.5h or 2h30m, found "1 minute" (wrong-value)',
  ],
  [
    "fleet",
    "interval: 60",
    "1:11: interval: expected a duration such as 30s, 5m, 1.5h or 2h30m, found the number 60 (wrong-type)",
  ],
  ["fleet", "interval: 5s", "1:11: interval: 5s is too short; at least 10s (wrong-value)"],
  ["agent", "- repository", "1:1: expected a mapping, found a list (wrong-type)"],
  [
    "fleet",
    "alerts: {alertmanager: [{url: http://a, bearerTokenFile: /b, basicAuth: {username: c, passwordFile: /d}}]}",
    "1:25: alerts.alertmanager[0]: bearerTokenFile and basicAuth exclude each other; keep one (exclusive-keys)",
  ],
  // Variables.
  ["host", "vars: {A: 1.10}", '1:11: vars.A: 1.10 would be read as 1.1; write "1.10" (lossy-value)'],
  ["host", "vars: {A: True}", '1:11: vars.A: True would be read as true; write "True" (lossy-value)'],
  ["host", "vars: {A: 8080, B: true, C: 1.5, D: text}"],
  ["host", "vars: {A: }", "1:8: vars.A: expected a string, a number or true or false, found nothing (wrong-type)"],
  [
    "host",
    "vars: {COMPOSE_FILE: x}",
    "1:8: vars.COMPOSE_FILE: names that start with COMPOSE_ or DOCKER_ steer Compose itself; choose another (variable-reserved)",
  ],
  [
    "host",
    "vars: {1A: x}",
    "1:8: vars.1A: expected a variable's name: letters, digits and _, not starting with a digit (variable-name)",
  ],
  // Not built yet.
  [
    "stack",
    'hosts: all\njobs: [{name: a, service: b, schedule: "0 3 * * *"}]',
    "2:1: warning: jobs is not supported yet; it has no effect (not-supported-yet)",
  ],
  [
    "stack",
    "hosts: all\nsecrets: [a.env]",
    "2:1: secrets is not supported yet; remove it, since the agent would not keep to it (not-supported-yet)",
  ],
  ["fleet", "policy: {privileged: of}", '1:22: policy.privileged: expected off, warn or enforce, found "of" (wrong-value)'],
  ["fleet", "policy: {privileged: enforce, no-limits: warn, allowed-registries: {level: enforce, registries: [ghcr.io]}}"],
  ["stack", "hosts: all\npolicyExceptions: [{rule: privileged, service: a, reason: b, expires: 2027-01-31}]"],
  [
    "stack",
    "hosts: all\npolicyExceptions: [{rule: privileged, reason: b, expires: soon}]",
    '2:59: policyExceptions[0].expires: expected a date such as 2027-01-31, found "soon" (wrong-value)',
  ],
  [
    "fleet",
    "defaults: {secrets: [a]}",
    "1:12: defaults.secrets is not supported yet; remove it, since the agent would not keep to it (not-supported-yet)",
  ],
  // What restricts nothing is no finding.
  ["stack", "hosts: all\nrollback: false\nhooks: {preConverge: [], postConverge: []}\nverify: {}\njobs: []"],
  ["agent", "repository: {url: a, allowForcePush: true}"],
  // Durations that people write.
  ...["30s", "5m", "1h", "2h30m", "90m", "1.5h", "1d12h", "1w"].map((text): [keyof Documents, string] => [
    "fleet",
    `interval: ${text}`,
  ]),
  ["fleet", "{}"],
];

for (const [kind, text, ...expected] of CASES) {
  test(`${kind}: ${text.replaceAll("\n", " ⏎ ")}`, () => {
    assert.deepEqual(
      findingsOf(kind, text),
      expected.map((finding) => `f.yaml:${finding}`),
    );
  });
}

test("every finding of a document is reported at once, in the order of the file", () => {
  const text = "hosts: al\ndependsOn: [A]\nroots: x\nvars: {A: 1.0}\nsecrets: {a: b}\nhosts: all\n";
  assert.deepEqual(
    read("stack", text).findings.map(({ line, rule }) => [line, rule]),
    [
      [2, "wrong-value"],
      [3, "unknown-key"],
      [4, "lossy-value"],
      [5, "not-supported-yet"],
      [5, "wrong-type"],
      [6, "duplicate-key"],
    ],
  );
});

test("a document with an error is not handed out, one with a warning is", () => {
  assert.equal(read("stack", "hosts: all\nsecrets: [a.env]").document, undefined);
  assert.equal(read("stack", "hosts: all\nhosts: all").document, undefined);
  // Also for whoever has the value from elsewhere, as the agent's configuration is merged with its flags.
  const merged = { path: "agent.yaml", value: { repository: {} }, locate: () => ({ line: 1, column: 1 }) };
  const { document: refused, findings } = checkDocument("agent", merged);
  assert.deepEqual([refused, findings.map(({ rule }) => rule)], [undefined, ["missing-key"]]);
  const { document } = read("stack", "hosts: all\nverify: {timeout: 3m}");
  assert.equal(document?.value.hosts, "all");
  assert.deepEqual(document?.locate(["verify", "timeout"]), { line: 2, column: 19 });
});

for (const kind of ["fleet", "host", "stack", "agent"] as const) {
  test(`the specification's example of ${kind}.yaml has only findings about what is not supported yet`, async () => {
    const content = await readFile(new URL(`fixtures/${kind}.yaml`, import.meta.url));
    const { findings } = readDocument(kind, `${kind}.yaml`, content);
    assert.deepEqual(findings.filter((finding) => finding.rule !== "not-supported-yet").map(renderFinding), []);
  });
}
