import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { wireCheck } from "../../agent/commands/wire.ts";
import { openDirectory, WORKING_TREE } from "../../agent/git/open-directory.ts";
import type { Review } from "../../agent/model/generated/review.ts";
import { rememberReads } from "../../agent/reconcile/desire/remember-reads.ts";
import { openRenderShare, type ShareRender } from "../../agent/reconcile/desire/share-renders.ts";
import { type ReviewSide, reviewChange } from "../../agent/reconcile/review-change.ts";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const hasCompose = (await listComposePlugins()).length > 0;
const HOSTS = ["one", "two", "three"];
const never = new AbortController().signal;

type Files = Readonly<Record<string, string>>;

/** Stacks that use what differs between hosts in every way that Compose has, and one that does not. */
const STACKS: Readonly<Record<string, { readonly environment: string; readonly files?: Files }>> = {
  plain: { environment: "environment: {A: '1'}" },
  named: { environment: 'environment: {A: "${HOLDFAST_HOST}"}' },
  nested: { environment: 'environment: {A: "${NOTHING:-${ADDRESS}}"}' },
  passed: { environment: "environment: [ADDRESS]" },
  filed: { environment: "env_file: [settings.env]", files: { "settings.env": "A=${ADDRESS}\n" } },
  indirect: { environment: 'environment: {A: "${SITE}"}' },
};

function describeFleet(image: string): Files {
  const stacks = Object.entries(STACKS).flatMap(([name, { environment, files = {} }]) => [
    [`stacks/${name}/stack.yaml`, "hosts: all\n"],
    [`stacks/${name}/compose.yaml`, `services:\n  web:\n    image: ${image}\n    restart: always\n    ${environment}\n`],
    ...Object.entries(files).map(([path, text]) => [`stacks/${name}/${path}`, text]),
  ]);
  const hosts = HOSTS.map((host, index) => [
    `hosts/${host}.yaml`,
    `vars: {ADDRESS: 10.0.0.${index}, SITE: "at ${host}", UNUSED: "${index}"}\n`,
  ]);
  return Object.fromEntries([...stacks, ...hosts, ["fleet.yaml", "policy: {no-limits: off, no-healthcheck: off}\n"]]) as Files;
}

function writeFleet(files: Files): string {
  const root = createTemporaryDirectory("hf-change-");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, "desired-state", path)), { recursive: true });
    writeFileSync(join(root, "desired-state", path), text);
  }
  return root;
}

interface Made {
  readonly review: Review;
  /** Projects that Compose was asked to render, sorted. */
  readonly renders: readonly string[];
}

async function make(base: string, head: string, shareRender?: ShareRender): Promise<Made> {
  const renders: string[] = [];
  const side = (root: string): ReviewSide => {
    const source = openDirectory(root);
    const ports = wireCheck(source, createTemporaryDirectory("hf-change-"));
    const compose: typeof ports.compose = {
      ...ports.compose,
      render(request, signal) {
        renders.push(request.project);
        return ports.compose.render(request, signal);
      },
    };
    const share = shareRender === undefined ? {} : { shareRender };
    return { revision: WORKING_TREE, ports: { ...ports, ...rememberReads(source, ports.documents), compose, ...share } };
  };
  const request = { base: side(base), head: side(head), path: "desired-state", host: "all", nowMs: 0 } as const;
  return { review: await reviewChange(request, never), renders: renders.sort() };
}

describe("a change of a fleet", { skip: hasCompose ? false : "Docker Compose is not installed" }, () => {
  const before = describeFleet("nginx:1.26");

  test("must render nothing that is made from the same", async () => {
    const after = { ...before, "stacks/plain/compose.yaml": describeFleet("nginx:1.27")["stacks/plain/compose.yaml"] ?? "" };
    const [base, head] = [writeFleet(before), writeFleet(after)];
    const { review, renders } = await make(base, head, openRenderShare());
    // Before and after, once for all hosts.
    assert.deepEqual(renders, ["plain", "plain"]);
    assert.deepEqual(
      review.hosts.map(({ host, stacks }) => [host, stacks.map(({ stack }) => stack)]),
      ["one", "three", "two"].map((host) => [host, ["plain"]]),
    );
    assert.deepEqual((await make(base, base, openRenderShare())).renders, []);
  });

  test("must be the same with renders that hosts share, whatever differs between the hosts", async () => {
    const [base, head] = [writeFleet(before), writeFleet(describeFleet("nginx:1.27"))];
    const [alone, shared] = [await make(base, head), await make(base, head, openRenderShare())];
    assert.deepEqual(shared.review, alone.review);
    assert.equal(alone.renders.length, 2 * HOSTS.length * Object.keys(STACKS).length);
    const times = (stack: string): number => shared.renders.filter((one) => one === stack).length;
    assert.deepEqual(
      Object.keys(STACKS).map((stack) => [stack, times(stack)]),
      Object.keys(STACKS).map((stack) => [stack, stack === "plain" ? 2 : 2 * HOSTS.length]),
    );
  });

  test("must tell of a host that leaves, and not take it for a mistake", async () => {
    const { "hosts/three.yaml": _three, ...after } = before;
    const { review } = await make(writeFleet(before), writeFleet(after), openRenderShare());
    assert.equal(review.result, "changes");
    assert.deepEqual(
      review.hosts.filter(({ leaves }) => leaves).map(({ host, untouched }) => [host, untouched.length]),
      [["three", Object.keys(STACKS).length]],
    );
    const none = Object.fromEntries(Object.entries(before).filter(([path]) => !path.startsWith("hosts/")));
    assert.equal((await make(writeFleet(before), writeFleet(none), openRenderShare())).review.result, "invalid");
  });

  test("must render a stack that was made from other variables once, when it uses none of them", async () => {
    const after = { ...before, "fleet.yaml": `${before["fleet.yaml"]}vars: {OTHER: "2"}\n` };
    const { review, renders } = await make(writeFleet(before), writeFleet(after), openRenderShare());
    assert.equal(review.result, "nothing");
    assert.equal(renders.filter((stack) => stack === "plain").length, 1);
  });
});
