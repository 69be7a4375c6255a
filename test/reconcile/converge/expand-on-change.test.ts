import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { renderFinding } from "../../../agent/model/finding.ts";
import { BOX, createFakeHost, type FakeHost, state } from "../fake-host.ts";

const bind = (path: string): string => `{type: bind, source: /stage/root/${path}, target: /x/${path}, read_only: true}`;
const COMPOSE = `services:
  web: {image: "busybox:1.35", restart: always, volumes: [${bind("conf")}]}
  api: {image: "busybox:1.35", restart: always}
  off: {image: "busybox:1.35", restart: always, profiles: [none], volumes: [${bind("conf")}]}
`;
const FILES = ["conf/a.conf", "conf/b.conf", "conf/.hidden", "conf/rules/x.yml", "conf/rules/deep/y.yml", "lone"];

describe("onChange", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = createFakeHost();
  });

  async function desire(entries: string): Promise<void> {
    const files = Object.fromEntries(FILES.map((path) => [`stacks/web/${path}`, `${path}\n`]));
    const stack = `hosts: all\nonChange:\n${entries}`;
    host.git.commit({ ...BOX, ...state({ "stacks/web/stack.yaml": stack, "stacks/web/compose.yaml": COMPOSE, ...files }) });
    await host.settle();
  }
  const findings = (): string[] =>
    (host.memory().desired?.findings ?? []).map((finding) =>
      renderFinding(finding).replace("desired-state/stacks/web/stack.yaml:", ""),
    );
  const given = () => {
    const [stack] = host.memory().desired?.stacks ?? [];
    const onChange = stack?.services.find(({ name }) => name === "web")?.onChange ?? {};
    return Object.entries(onChange)
      .map(([path, how]) => `${path} ${how.action === "signal" ? how.signal : how.action}`)
      .sort();
  };

  const PATTERNS: readonly (readonly [string, readonly string[]])[] = [
    ["conf/a.conf", ["conf/a.conf"]],
    ["./conf/a.conf", ["conf/a.conf"]],
    ["conf/*.conf", ["conf/a.conf", "conf/b.conf"]],
    ["conf/{a,b}.conf", ["conf/a.conf", "conf/b.conf"]],
    ["conf/rules/*.yml", ["conf/rules/x.yml"]],
    ["conf/**/*.yml", ["conf/rules/deep/y.yml", "conf/rules/x.yml"]],
    ["conf/**", ["conf/a.conf", "conf/b.conf", "conf/rules/deep/y.yml", "conf/rules/x.yml"]],
    ["conf/.h*", ["conf/.hidden"]],
    ["conf/?.conf", ["conf/a.conf", "conf/b.conf"]],
    ["conf/[ab].conf", ["conf/a.conf", "conf/b.conf"]],
  ];
  for (const [pattern, paths] of PATTERNS) {
    it(`${pattern} must mean what a shell would take it for`, async () => {
      await desire(`  - {files: ["${pattern}"], service: web, action: restart}\n`);
      assert.deepEqual([given(), findings()], [paths.map((path) => `${path} restart`), []]);
    });
  }

  it("the last entry for a file and a service must hold, with or without SIG", async () => {
    await desire(`  - {files: ["conf/*.conf"], service: web, action: restart}
  - {files: [conf/a.conf], service: web, action: signal, signal: SIGUSR1}
  - {files: [conf/b.conf], service: web, action: recreate}
`);
    assert.deepEqual([given(), findings()], [["conf/a.conf USR1"], []]);
  });

  const WARNINGS: readonly (readonly [string, string])[] = [
    [
      '{files: [conf/a.conf, "gone/*"], service: web, action: restart}',
      '3:27: warning: "gone/*" matches no file of the stack (no-file)',
    ],
    [
      "{files: [lone], service: web, action: restart}",
      '3:14: warning: service web mounts no file that "lone" matches; nothing is done for it (not-mounted)',
    ],
    [
      "{files: [conf/a.conf], service: web, action: restart, signal: HUP}",
      "3:67: warning: has no effect with action: restart; remove it (signal-unused)",
    ],
  ];
  for (const [entry, expected] of WARNINGS) {
    it(`${entry} must be accepted with a warning`, async () => {
      await desire(`  - ${entry}\n`);
      assert.deepEqual(findings(), [expected]);
      assert.equal(host.memory().desired?.stacks.length, 1);
    });
  }

  const ERRORS: readonly (readonly [string, string])[] = [
    [
      "{files: [conf/a.conf], service: wbe, action: restart}",
      '3:37: there is no service "wbe" (services: api, off, web) (unknown-service)',
    ],
    [
      "{files: [conf/a.conf], service: web, action: signal}",
      "3:50: signal needs signal: with its name, such as HUP (signal-missing)",
    ],
    [
      "{files: [conf/a.conf], service: web, action: signal, signal: HUPP}",
      "3:66: HUPP is no signal; HUP, USR1 and USR2 are usual (unknown-signal)",
    ],
    [
      "{files: [conf/a.conf], service: web, action: signal, signal: SIGKILL}",
      "3:66: no program can take SIGKILL as an order; use action: restart (unknown-signal)",
    ],
  ];
  for (const [entry, expected] of ERRORS) {
    it(`${entry} must be refused`, async () => {
      await desire(`  - ${entry}\n`);
      assert.deepEqual(findings(), [expected]);
      assert.deepEqual(host.memory().desired?.invalid, ["web"]);
    });
  }

  it("a service of a profile that is not active here must be no mistake", async () => {
    await desire("  - {files: [conf/a.conf], service: off, action: restart}\n");
    assert.deepEqual(findings(), []);
  });

  it("an entry that changes must change the stack, although no file did", async () => {
    await desire("  - {files: [conf/a.conf], service: web, action: restart}\n");
    const inputs = host.memory().desired?.stacks[0]?.inputs;
    await desire("  - {files: [conf/a.conf], service: web, action: signal, signal: HUP}\n");
    assert.notEqual(host.memory().desired?.stacks[0]?.inputs, inputs);
    assert.deepEqual(given(), ["conf/a.conf HUP"]);
  });
});
