import type { DesiredHost, DesiredStack, JsonObject } from "../../../agent/model/desired.ts";
import type { ReviewedFinding } from "../../../agent/model/generated/review.ts";
import { canonicalJson, shortDigest } from "../../../agent/plan/desire/digest-service.ts";
import { labelModel } from "../../../agent/plan/desire/label-model.ts";
import { type HostSides, reviewHost } from "../../../agent/plan/review/review-host.ts";
import { summarizeReview } from "../../../agent/plan/review/summarize-review.ts";
import { buildHost, NOW_MS } from "../build.ts";

const ROOT = "/var/lib/holdfast/stacks";
export const BASE = "a".repeat(40);
export const HEAD = "b".repeat(40);

export interface StackText {
  readonly services: JsonObject;
  readonly volumes?: JsonObject;
  readonly configs?: JsonObject;
  /** Contents by path; those that a service mounts are below `./`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A stack as it would be rendered and labelled, at a revision. */
export function renderStack(name: string, text: StackText, over: Partial<DesiredStack> = {}): DesiredStack {
  const files = Object.entries(text.files ?? {}).map(([path, content]) => ({
    path,
    oid: shortDigest(content),
    mode: "100644" as const,
  }));
  const rendered = { name, services: text.services, volumes: text.volumes ?? {}, configs: text.configs ?? {} } as JsonObject;
  const root = `${ROOT}/${name}`;
  const labelled = labelModel({ stack: name, rendered, renderedRoot: ".", root, files, variables: {} });
  return {
    ...{ name, revision: BASE, inputs: shortDigest(canonicalJson([rendered, files, over] as never)), composeVersion: "2.26.1" },
    ...{ root: `desired-state/stacks/${name}`, projectDirectory: "", dependsOn: [], adopt: false, verifyTimeoutMs: 180_000 },
    ...{ files: files.map(({ path, oid }) => ({ path, oid, executable: false })), rollback: true, hooks: [] },
    ...{ probes: [], probeIntervalMs: 30_000 },
    drift: { mode: "heal", rules: {} },
    ...labelled,
    ...over,
  };
}

export interface Change {
  readonly before: readonly DesiredStack[];
  readonly after: readonly DesiredStack[];
  readonly base?: Partial<DesiredHost> | null;
  readonly head?: Partial<DesiredHost> | { readonly rejected: string } | { readonly leaves: true };
  readonly sides?: Partial<HostSides>;
  readonly findings?: readonly ReviewedFinding[];
}

/** The review of a change on the host `box`. */
export function buildReview({ before, after, base, head, sides, findings = [] }: Change) {
  const isRejected = head !== undefined && ("rejected" in head || "leaves" in head);
  const host = reviewHost({
    host: "box",
    ...(base === null ? {} : { base: buildHost(before, { revision: BASE, ...base }) }),
    head: isRejected
      ? head
      : buildHost(
          after.map((stack) => ({ ...stack, revision: HEAD })),
          { revision: HEAD, ...head },
        ),
    confirmed: [],
    hostFiles: new Map(),
    rootOf: (stack) => `${ROOT}/${stack}`,
    nowMs: NOW_MS,
    ...sides,
  });
  return summarizeReview({ base: BASE, head: HEAD, hosts: [host], findings: [...findings] });
}
