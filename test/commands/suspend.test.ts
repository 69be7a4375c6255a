import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import type { HistoryReport } from "../../agent/model/generated/history.ts";
import type { ManualHold } from "../../agent/model/manual-hold.ts";
import { openStore } from "../../agent/state/open-store.ts";
import { readStore } from "../../agent/state/read-store.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { type Result, runHoldfast } from "./start-holdfast.ts";

const HOUR_MS = 3_600_000;

describe("a hold where no agent runs", () => {
  let directory: string;
  let database: string;
  beforeEach(() => {
    directory = createTemporaryDirectory("hf-suspend-");
    database = join(directory, "state", "holdfast.db");
    const store = openStore(database);
    store.write("applied/web", { inputs: "", revision: "", services: {} });
    store.write("attempts/db", []);
    store.close();
  });

  const holdfast = (...args: string[]): Promise<Result> =>
    runHoldfast(args, {
      environment: {
        ...{ TZ: "Europe/Warsaw", HOLDFAST_HOST: "box" },
        HOLDFAST_STATE_DIR: join(directory, "state"),
        HOLDFAST_RUNTIME_DIR: join(directory, "run"),
      },
    });
  const read = (key: string): ManualHold | undefined => readStore(database).read<ManualHold>(key);

  it("must be written for the next agent, with its times and reason, and told in the history", async () => {
    const { exitCode, stdout, stderr } = await holdfast("suspend", "web", "--for", "2h", "--reason", "a new disk");
    assert.deepEqual([exitCode, stderr], [0, ""]);
    assert.match(stdout, /^web is suspended since \d{4}-.* \+0[12]:00 until \d{4}-.* \+0[12]:00\n$/);
    const hold = read("hold/web");
    assert.deepEqual([hold?.reason, (hold?.untilMs ?? 0) - (hold?.sinceMs ?? 0)], ["a new disk", 2 * HOUR_MS]);
    assert.equal(read("host-hold"), undefined);
    const resumed = await holdfast("resume", "web");
    assert.deepEqual(resumed, { exitCode: 0, stdout: "web is resumed\n", stderr: "" });
    assert.equal(read("hold/web"), undefined);
    const { stdout: json } = await holdfast("history", "web", "--output", "json");
    const { entries } = JSON.parse(json) as HistoryReport;
    assert.deepEqual(
      entries.map(({ event, text }) => [event, /a new disk/.test(text)]),
      [
        ["suspended", true],
        ["resumed", false],
      ],
    );
    const text = await holdfast("history");
    assert.match(text.stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]:00 {2}web {2}suspended\n {4}web is suspended with/);
    const markdown = await holdfast("history", "--limit", "1", "--output", "markdown");
    assert.match(
      markdown.stdout,
      /^\| time .*\n.*\n\| .* \| web \| resumed \| {2}\| web is resumed with `holdfast resume` \|\n$/,
    );
  });

  it("of the whole host must be written, and ended with those of its stacks", async () => {
    assert.equal((await holdfast("suspend", "db")).exitCode, 0);
    const { stdout } = await holdfast("suspend", "--all");
    assert.match(stdout, /^the host is suspended since .* until `holdfast resume`\n$/);
    assert.equal(read("host-hold")?.untilMs, undefined);
    const one = await holdfast("resume", "db");
    assert.equal(one.exitCode, 1);
    assert.deepEqual(
      [one.stdout, one.stderr],
      ["db is resumed\n", "db stays suspended: the host is suspended; `holdfast resume --all` ends the host's hold\n"],
    );
    assert.equal((await holdfast("suspend", "db")).exitCode, 0);
    assert.deepEqual(await holdfast("resume", "--all"), { exitCode: 0, stdout: "the host, db are resumed\n", stderr: "" });
    assert.deepEqual(await holdfast("resume", "--all"), { exitCode: 0, stdout: "the host was not suspended\n", stderr: "" });
  });

  const WRONG: readonly (readonly [readonly string[], string])[] = [
    [["suspend", "wbe"], 'holdfast: there is no stack "wbe" on this host\n  did you mean "web"?\n'],
    [["resume", "wbe"], 'holdfast: there is no stack "wbe" on this host\n  did you mean "web"?\n'],
    [["history", "wbe"], 'holdfast: there is no stack "wbe" on this host\n  did you mean "web"?\n'],
    [["suspend"], "holdfast: name a stack, or say --all\n"],
    [["resume"], "holdfast: name a stack, or say --all\n"],
    [["suspend", "web", "--all"], "holdfast: name a stack or say --all, not both\n"],
    [["suspend", "web", "--for", "2 hours"], 'holdfast: for: "2 hours" is no duration; 30m, 2h and 1d are\n'],
    [["history", "--limit", "0"], 'holdfast: limit: "0" is no number from 1 to 10000\n'],
  ];
  for (const [args, stderr] of WRONG) {
    it(`holdfast ${args.join(" ")} must exit 1 and say what is right`, async () => {
      assert.deepEqual(await holdfast(...args), { exitCode: 1, stdout: "", stderr });
      assert.deepEqual([read("hold/web"), read("host-hold")], [undefined, undefined]);
    });
  }

  it("must not be asked of a host where nothing is known of any stack", async () => {
    directory = createTemporaryDirectory("hf-suspend-");
    const { exitCode, stderr } = await holdfast("suspend", "web");
    assert.deepEqual([exitCode, stderr], [1, 'holdfast: there is no stack "web" on this host\n  no stack is known here yet\n']);
    const history = await holdfast("history");
    assert.deepEqual(history, { exitCode: 0, stdout: "box: nothing has happened yet\n", stderr: "" });
    assert.equal(existsSync(join(directory, "run")), false);
  });
});
