import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { waitUntil } from "../../engine/wait-until.ts";
import { BOX, createFakeHost, type FakeHost, stackFiles, state } from "../fake-host.ts";

const ROOT = "/state/stacks/web";

describe("a loop that watches files", () => {
  let host: FakeHost;
  let stop: AbortController;
  let running: Promise<void>;
  let watched: Record<string, readonly string[]>[];
  let problem: string | undefined;
  let closed: number;
  let tell: (directory: string) => void;

  beforeEach(async () => {
    [stop, watched, problem, closed] = [new AbortController(), [], undefined, 0];
    host = createFakeHost({
      tellsEvents: true,
      watcher: {
        async watch(files, onChange) {
          watched.push(Object.fromEntries(files));
          tell = onChange;
          return problem;
        },
        close: async () => {
          closed += 1;
        },
      },
    });
    host.env.set("web.env", "A=1\n");
    host.git.commit({
      ...BOX,
      ...state({ "fleet.yaml": "interval: 2m\n" }),
      ...stackFiles("web", { app: "" }, "hostEnvFiles: [web.env]\n"),
      ...state({ "stacks/web/conf": "one\n" }),
    });
    running = host.loop().run(stop.signal);
    running.catch(() => undefined);
    await quiet();
  });
  afterEach(async () => {
    stop.abort();
    await running.catch(() => undefined);
    assert.equal(closed, 1, "it is closed with the loop");
  });

  /** Lets what was told be gathered, until the loop pauses for its interval. */
  async function quiet(): Promise<void> {
    await waitUntil(
      "the loop has nothing to do",
      () => {
        const [ms] = host.clock.waits().filter((wait) => wait < 60_000);
        if (ms !== undefined) host.clock.advance(ms);
        return host.memory().quiet && !host.memory().watch.news && host.clock.waits().some((wait) => wait > 60_000);
      },
      { intervalMs: 1 },
    );
  }
  async function push(files: Readonly<Record<string, string>>): Promise<void> {
    const before = host.memory().desired;
    host.git.commit(state(files));
    host.loop().wake();
    await waitUntil("the revision is taken", () => host.memory().desired !== before, { intervalMs: 1 });
    await quiet();
  }
  const polls = (): number => host.git.calls.filter((call) => call === "tip").length;

  it("must watch what was placed and the host's own files, and begin anew only when that is other", async () => {
    const files = { [ROOT]: ["compose.yaml", "conf", "stack.yaml"], "/etc/holdfast/env": ["web.env"] };
    await waitUntil("it is watched", () => watched.length > 0);
    assert.deepEqual(watched.at(-1), files);
    const times = watched.length;
    tell(ROOT);
    await quiet();
    assert.equal(watched.length, times);
    await push({ "stacks/web/more": "x\n" });
    await waitUntil("more is watched", () => watched.at(-1)?.[ROOT]?.includes("more"));
    await push({ "stacks/web/stack.yaml": "hosts: all\nhostEnvFiles: [web.env]\ndrift: {rules: {files-edited: ignore}}\n" });
    await waitUntil("nothing of the stack is watched", () => watched.at(-1)?.[ROOT]?.length === 0);
  });

  it("must put an edited file back without a poll", async () => {
    const before = polls();
    host.placed.set("web/conf", "two\n");
    tell(ROOT);
    await waitUntil("it is put back", async () => {
      await quiet();
      return host.placed.get("web/conf") === "one\n";
    });
    assert.equal(polls(), before);
  });

  it("must take a changed environment file in without a poll", async () => {
    const [before, inputs] = [polls(), host.memory().desired?.stacks[0]?.inputs];
    host.env.set("web.env", "A=2\n");
    tell("/etc/holdfast/env");
    await waitUntil("the stack is made anew", async () => {
      await quiet();
      return host.memory().desired?.stacks[0]?.inputs !== inputs;
    });
    assert.equal(polls(), before);
  });

  it("must say once that files cannot be watched, try again at the next audit, and find edits then", async () => {
    problem = "/state: the limit is reached";
    await push({ "stacks/web/more": "x\n" });
    await push({ "stacks/web/more": "y\n" });
    const lines = () => host.log.filter(({ msg }) => /cannot be watched|watched again/.test(msg));
    await waitUntil("it is said", () => lines().length > 0);
    host.placed.set("web/conf", "two\n");
    problem = undefined;
    for (let round = 0; round < 8; round += 1) {
      host.clock.advance(120_000);
      await quiet();
    }
    await waitUntil("it is watched again", () => lines().length === 2);
    assert.deepEqual(
      lines().map(({ level, msg }) => `${level} ${msg}`),
      ["warn files cannot be watched; edits are found every 15 minutes", "info files are watched again"],
    );
    assert.equal(host.placed.get("web/conf"), "one\n");
  });
});
