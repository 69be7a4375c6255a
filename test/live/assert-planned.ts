import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../agent/commands/system-clock.ts";
import { wireCheck } from "../../agent/commands/wire.ts";
import { openSource } from "../../agent/git/open-source.ts";
import type { HostReview } from "../../agent/model/generated/review.ts";
import { type ReviewSide, reviewChange } from "../../agent/reconcile/review-change.ts";
import type { FileChange } from "../servers/git-repository.ts";
import type { Host } from "./start-host.ts";

const never = new AbortController().signal;

/** A container as far as it can be told apart from its successor. */
interface Seen {
  readonly id: string;
  readonly service: string;
  readonly startedAt: string;
}

/**
 * Pushes a change to a host that is converged, and asserts that what happens to its containers is what the review of the change
 * says, service by service. Returns what happened.
 */
export async function assertPlanned(
  host: Host,
  name: string,
  files: Readonly<Record<string, FileChange>>,
): Promise<Record<string, string>> {
  const base = await host.repository.resolve("main");
  const before = await look(host);
  const head = await host.push(files);
  const planned = await review(host, name, base ?? "", head);
  assert.equal(await host.settle(), "converged");
  const expected = planned.stacks.flatMap(({ stack, services }) =>
    services.map(({ service, effect }): [string, string] => [`${stack}/${service}`, effect]),
  );
  const happened = compare(before, await look(host));
  assert.deepEqual(happened, Object.fromEntries(expected.sort()), JSON.stringify(planned, undefined, 1));
  assert.equal((await review(host, name, head, head)).summary, "nothing changes");
  return happened;
}

async function review(host: Host, name: string, base: string, head: string): Promise<HostReview> {
  const side = (revision: string): ReviewSide => {
    const source = openSource({ url: host.repository.path, branch: "main", gitDirectory: "" });
    return { revision, ports: wireCheck(source, mkdtempSync(join(host.directory, "review-"))) };
  };
  const request = { base: side(base), head: side(head), path: "desired-state", host: name, nowMs: systemClock.nowMs() };
  const [found] = (await reviewChange(request, never)).hosts;
  assert.ok(found);
  return found;
}

async function look(host: Host): Promise<Seen[]> {
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
