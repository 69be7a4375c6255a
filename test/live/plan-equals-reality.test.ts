import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../agent/commands/system-clock.ts";
import { wireCheck } from "../../agent/commands/wire.ts";
import { openSource } from "../../agent/git/open-source.ts";
import type { HostReview } from "../../agent/model/generated/review.ts";
import { type ReviewSide, reviewChange } from "../../agent/reconcile/review-change.ts";
import { fleet, type Host, startHost } from "./start-host.ts";

const never = new AbortController().signal;
const STACK = "desired-state/stacks/shop";

/** A stack with what plans are about: a mounted file, a volume, a restart with a dependency, a one-shot, a namespace that is shared. */
const SHOP = `services:
  db:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    volumes: [data:/data]
  migrate:
    image: busybox:1.35
    command: ["true"]
    depends_on: [db]
  api:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    environment: {DB_HOST: db, SECRET: "\${FROM_HOST}"}
    depends_on:
      db: {condition: service_started, restart: true}
      migrate: {condition: service_completed_successfully}
  web:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    volumes: ["./conf:/conf:ro"]
  agent:
    image: busybox:1.35
    restart: always
    init: true
    command: [sleep, "100000"]
    network_mode: service:web
volumes: {data: {}}
`;

const OTHER = "services:\n  one: {image: 'busybox:1.35', restart: always, init: true, command: [sleep, '100000']}\n";

/** What is pushed, one after the other. */
const EDITS: readonly (readonly [string, (compose: string) => Readonly<Record<string, string | null>>])[] = [
  ["nothing that concerns the host", () => ({ "README.md": "x" })],
  ["a file that nobody mounts", () => ({ [`${STACK}/notes.txt`]: "x" })],
  ["a file that is mounted", () => ({ [`${STACK}/conf/a.conf`]: "two" })],
  ["an environment value", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("DB_HOST: db", "DB_HOST: db2") })],
  [
    "a database with what restarts with it",
    (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("data:/data", "data:/srv") }),
  ],
  [
    "an image",
    (compose) => ({
      [`${STACK}/compose.yaml`]: compose.replace(
        'busybox:1.35\n    restart: always\n    init: true\n    command: [sleep, "100000"]\n    volumes: ["./conf',
        'busybox:1.36\n    restart: always\n    init: true\n    command: [sleep, "100000"]\n    volumes: ["./conf',
      ),
    }),
  ],
  [
    "more replicas",
    (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("    environment: {", "    scale: 3\n    environment: {") }),
  ],
  ["fewer replicas", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("scale: 3", "scale: 2") })],
  ["a one-shot", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace('["true"]', '["true", "again"]') })],
  ["another order", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace("    depends_on: [db]\n", "") })],
  [
    "a service that comes",
    (compose) => ({
      [`${STACK}/compose.yaml`]: compose.replace(
        "volumes: {data",
        "  late: {image: 'busybox:1.35', restart: always, init: true, command: [sleep, '1000']}\nvolumes: {data",
      ),
    }),
  ],
  ["a service that goes", (compose) => ({ [`${STACK}/compose.yaml`]: compose.replace(/ {2}late: .*\n/, "") })],
  [
    "a file that is to be restarted for",
    () => ({
      [`${STACK}/stack.yaml`]:
        "hosts: all\nhostEnvFiles: [shop.env]\nonChange: [{files: [conf/a.conf], service: web, action: restart}]\n",
    }),
  ],
  ["a file that is restarted for", () => ({ [`${STACK}/conf/a.conf`]: "three" })],
  ["a setting", () => ({ [`${STACK}/stack.yaml`]: "hosts: all\nhostEnvFiles: [shop.env]\nverify: {timeout: 1m}\n" })],
  [
    "a stack that comes",
    () => ({ "desired-state/stacks/third/stack.yaml": "hosts: all\n", "desired-state/stacks/third/compose.yaml": OTHER }),
  ],
  [
    "a stack that goes",
    () => ({ "desired-state/stacks/third/stack.yaml": null, "desired-state/stacks/third/compose.yaml": null }),
  ],
];

/** A container as far as it can be told apart from its successor. */
interface Seen {
  readonly id: string;
  readonly service: string;
  readonly startedAt: string;
}

describe("the plan that was reviewed", () => {
  let host: Host;
  let text = SHOP;
  before(async () => {
    host = await startHost({ images: ["busybox:1.35"] });
    await host.docker("tag", "busybox:1.35", "busybox:1.36");
    mkdirSync(join(host.directory, "env"), { mode: 0o700 });
    writeFileSync(join(host.directory, "env/shop.env"), "FROM_HOST=kept\n", { mode: 0o600 });
    await host.push({
      "desired-state/fleet.yaml": fleet(host),
      "desired-state/hosts/box.yaml": "{}\n",
      [`${STACK}/stack.yaml`]: "hosts: all\nhostEnvFiles: [shop.env]\n",
      [`${STACK}/compose.yaml`]: SHOP,
      [`${STACK}/conf/a.conf`]: "one",
      "desired-state/stacks/other/stack.yaml": "hosts: all\n",
      "desired-state/stacks/other/compose.yaml": OTHER,
    });
    assert.equal(await host.settle(), "converged");
  });
  after(() => host?.stop());

  async function review(base: string, head: string): Promise<HostReview> {
    const side = (revision: string): ReviewSide => {
      const source = openSource({ url: host.repository.path, branch: "main", gitDirectory: "" });
      return { revision, ports: wireCheck(source, mkdtempSync(join(host.directory, "review-"))) };
    };
    const request = { base: side(base), head: side(head), path: "desired-state", host: "box", nowMs: systemClock.nowMs() };
    const [found] = (await reviewChange(request, never)).hosts;
    assert.ok(found);
    return found;
  }

  async function look(): Promise<Seen[]> {
    const containers = await host.containers();
    return Promise.all(
      containers.map(async ({ id, project, service }) => ({
        id,
        service: `${project}/${service}`,
        startedAt: await host.docker("inspect", "-f", "{{.State.StartedAt}}", id),
      })),
    );
  }

  /** What became of each service. */
  function compare(old: readonly Seen[], now: readonly Seen[]): Record<string, string> {
    const names = [...new Set([...old, ...now].map(({ service }) => service))].sort();
    const told = names.flatMap((service): [string, string][] => {
      const [was, is] = [old.filter((item) => item.service === service), now.filter((item) => item.service === service)];
      const kept = is.filter(({ id }) => was.some((item) => item.id === id));
      if (was.length === 0) return [[service, "create"]];
      if (is.length === 0) return [[service, "remove"]];
      if (kept.length === 0) return [[service, "recreate"]];
      if (was.length !== is.length) return [[service, "scale"]];
      if (kept.length < is.length) return [[service, "recreated in part"]];
      return kept.some(({ id, startedAt }) => was.find((item) => item.id === id)?.startedAt !== startedAt)
        ? [[service, "restart"]]
        : [];
    });
    return Object.fromEntries(told);
  }

  for (const [what, edit] of EDITS) {
    it(`must be what happens: ${what}`, async () => {
      const base = await host.repository.resolve("main");
      const files = edit(text);
      const changed = files[`${STACK}/compose.yaml`];
      if (changed !== undefined) assert.notEqual(changed, text, "the edit edits something");
      const before = await look();
      const head = await host.push(files);
      const planned = await review(base ?? "", head);
      assert.equal(await host.settle(), "converged");
      text = changed ?? text;
      const expected = planned.stacks.flatMap(({ stack, services }) =>
        services.map(({ service, effect }): [string, string] => [`${stack}/${service}`, effect]),
      );
      assert.deepEqual(compare(before, await look()), Object.fromEntries(expected.sort()), JSON.stringify(planned, undefined, 1));
      assert.equal((await review(head, head)).summary, "nothing changes");
    });
  }
});
