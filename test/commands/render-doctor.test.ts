import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Paint, renderArea, renderSummary } from "../../agent/commands/doctor/render-doctor.ts";
import type { DoctorCheck } from "../../agent/model/generated/doctor.ts";
import { ROOT, readPage } from "../docs/read-pages.ts";

const PAGE = "docs/preflight.md";
const EXAMPLE = /(<!-- doctor: [^\n]*-->\n```\n)(.*?)(```\n)/s;
const plain: Paint = (_style, text) => text;

const CHECKS: readonly DoctorCheck[] = [
  { area: "configuration", status: "ok", what: "/etc/holdfast/agent.yaml" },
  { area: "directories", status: "ok", what: "stateDir /var/lib/holdfast: writable, 41.2 GiB free" },
  { area: "directories", status: "ok", what: "runtimeDir /run/holdfast: writable, 1.5 GiB free" },
  { area: "directories", status: "ok", what: "hostEnvDir /etc/holdfast/env" },
  {
    area: "secrets",
    status: "warning",
    what: "repository.tokenFile /etc/holdfast/git-token: others can read it (mode 644)",
    fix: "`chmod 600 /etc/holdfast/git-token`",
  },
  { area: "secrets", status: "ok", what: "2 files in /etc/holdfast/env" },
  { area: "engine", status: "ok", what: "Docker 26.1.5 at /var/run/docker.sock (linux/amd64, cgroup v2)" },
  { area: "engine", status: "ok", what: "Docker Compose 2.26.1" },
  { area: "repository", status: "ok", what: 'main is at 3f1c9a0b7d24 "proxy: publish port 81"' },
  { area: "repository", status: "ok", what: "the clock agrees with that of the Git server" },
  { area: "desired state", status: "ok", what: "hosts/gpu-box.yaml with 3 stacks: ai, pihole, proxy" },
  { area: "requirements", status: "ok", what: "linux/amd64, kernel 6.1.0-18-amd64, 31.2 GiB of memory" },
  {
    area: "requirements",
    status: "error",
    what: "port 100.64.0.5:80/tcp of nginx-proxy-manager",
    expected: "a free port",
    actual: "apache2 (pid 812) listening on 0.0.0.0:80/tcp",
    fix: "stop apache2, or publish another port or address",
    stack: "proxy",
  },
  { area: "alerts", status: "ok", what: "Alertmanager at http://alertmanager.lan:9093 takes alerts" },
];

/** Everything as `holdfast doctor` prints it. */
function render(checks: readonly DoctorCheck[], paint: Paint = plain, width = 80): string {
  const areas = [...new Set(checks.map(({ area }) => area))];
  const texts = areas.map((area) =>
    renderArea(
      area,
      checks.filter((check) => check.area === area),
      width,
      paint,
    ),
  );
  return `${[...texts, renderSummary({ host: "gpu-box", checks }, paint)].join("\n\n")}\n`;
}

describe("what doctor prints must", () => {
  test("look as the page shows it", () => {
    const page = readPage(PAGE);
    const wanted = render(CHECKS);
    if (process.env["UPDATE_DOCS"] !== undefined)
      writeFileSync(
        join(ROOT, PAGE),
        page.replace(EXAMPLE, (_whole, start, _old, end) => `${start}${wanted}${end}`),
      );
    else assert.equal(EXAMPLE.exec(page)?.[2], wanted, "run: UPDATE_DOCS=1 node --test test/commands/render-doctor.test.ts");
  });

  test("fit its width, except for words that do not", () => {
    const path = `/srv/${"a".repeat(90)}`;
    const long = {
      area: "requirements",
      status: "error",
      what: `${path} of web`,
      fix: `look at ${path} and ${"more ".repeat(20)}`,
    } as const;
    for (const width of [40, 80]) {
      const lines = render([...CHECKS, long], plain, width).split("\n");
      for (const line of lines) assert.ok(line.length <= width || line.includes(path), line);
      assert.ok(
        lines.some((line) => line.endsWith(path) || line.includes(`${path} `)),
        "a path can be copied",
      );
    }
  });

  test("name the stack, where its file does not do so", () => {
    const requirement = renderArea(
      "requirements",
      [{ area: "requirements", status: "error", what: "memory", stack: "ai" }],
      80,
      plain,
    );
    assert.equal(requirement, "requirements\n  error    ai: memory");
    const finding = {
      area: "desired state",
      status: "error",
      what: "stacks/ai/stack.yaml:1:1: wrong (rule)",
      stack: "ai",
    } as const;
    assert.equal(renderArea("desired state", [finding], 80, plain), `desired state\n  error    ${finding.what}`);
  });

  test("count what is wrong", () => {
    const of = (...statuses: DoctorCheck["status"][]) => ({
      checks: statuses.map((status): DoctorCheck => ({ area: "engine", status, what: "x" })),
    });
    assert.equal(renderSummary(of("ok", "skipped"), plain), "all is well");
    assert.equal(renderSummary({ host: "box", ...of("ok", "warning", "error", "error") }, plain), "box: 2 errors, 1 warning");
  });

  test("be the same without its colours", () => {
    const painted = render(CHECKS, (style, text) => `<${style}>${text}</${style}>`);
    assert.match(painted, /<bold>secrets<\/bold>\n {2}<yellow>warning<\/yellow> {2}repository\.tokenFile/);
    assert.match(painted, /<red>error<\/red> {4}proxy: port/);
    assert.equal(painted.replace(/<\/?[a-z]+>/g, ""), render(CHECKS));
  });
});
