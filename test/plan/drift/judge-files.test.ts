import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PathFacts } from "../../../agent/model/machine.ts";
import { type AgentDirectory, judgeDirectory, judgeFile, judgeFreeSpace } from "../../../agent/plan/drift/judge-files.ts";

const GIB = 2 ** 30;
const disk = { directory: "/d", freeBytes: 40 * GIB, totalBytes: 50 * GIB, freeInodes: 100, inMemory: false };
const show = ({ status, what, fix }: { status: string; what: string; fix?: string }) =>
  `${status}: ${what}${fix === undefined ? "" : ` -> ${fix}`}`;

describe("a file that the configuration names", () => {
  const file = (mode: number, more: Partial<PathFacts> = {}): PathFacts => ({ kind: "file", mode, uid: 0, gid: 0, ...more });
  const judge = (facts: PathFacts, isSecret = true) =>
    show(judgeFile({ setting: "repository.tokenFile", path: "/t", isSecret }, facts, 7));

  const CASES: readonly (readonly [string, string, string])[] = [
    ["only its owner's", judge(file(0o600)), "ok: repository.tokenFile /t"],
    ["the agent's own", judge(file(0o400, { uid: 7 })), "ok: repository.tokenFile /t"],
    [
      "a group's to read",
      judge(file(0o640)),
      "warning: repository.tokenFile /t: others can read it (mode 640) -> `chmod 600 /t`",
    ],
    [
      "everybody's to read",
      judge(file(0o644)),
      "warning: repository.tokenFile /t: others can read it (mode 644) -> `chmod 600 /t`",
    ],
    ["everybody's to read, and no secret", judge(file(0o644), false), "ok: repository.tokenFile /t"],
    [
      "others' to change",
      judge(file(0o666)),
      "error: repository.tokenFile /t: others can change it (mode 666) -> `chmod 600 /t`",
    ],
    [
      "others' to change, and no secret",
      judge(file(0o664), false),
      "error: repository.tokenFile /t: others can change it (mode 664) -> `chmod go-w /t`",
    ],
    [
      "another user's",
      judge(file(0o600, { uid: 1000 })),
      "error: repository.tokenFile /t belongs to user 1000, who can change it -> `chown root /t`",
    ],
    [
      "missing",
      judge({ kind: "missing" }),
      "error: repository.tokenFile /t: there is no such file -> put it there, or correct repository.tokenFile",
    ],
    [
      "a directory",
      judge(file(0o700, { kind: "directory" })),
      "error: repository.tokenFile /t: it is no file -> name a file in repository.tokenFile",
    ],
    [
      "out of sight",
      judge({ kind: "unreadable" }),
      "error: repository.tokenFile /t: it cannot be looked at -> run doctor as root, like the agent",
    ],
  ];
  for (const [what, found, expected] of CASES) test(`must be told when it is ${what}`, () => assert.equal(found, expected));
});

describe("a directory of the agent's", () => {
  const judge = (directory: Partial<AgentDirectory>, facts: Partial<PathFacts> = {}) =>
    judgeDirectory(
      { setting: "stateDir", path: "/d", isWritable: true, ...directory },
      { kind: "directory", mode: 0o755, uid: 0, gid: 0, disk, ...facts },
      7,
    ).map(show);

  const CASES: readonly (readonly [string, string[], string[]])[] = [
    ["fine", judge({}), ["ok: stateDir /d: writable, 40 GiB free"]],
    [
      "not there yet",
      judge({}, { kind: "missing", disk: { ...disk, directory: "/" } }),
      ["ok: stateDir /d: will be made, 40 GiB free"],
    ],
    [
      "nowhere to be made",
      judge({ isWritable: false }, { kind: "missing", disk: { ...disk, directory: "/ro" } }),
      ["error: stateDir /d: /ro cannot be written to -> run doctor as root, or mount its file system for writing"],
    ],
    [
      "others' to write, and another user's",
      judge({}, { mode: 0o1777, uid: 1000 }),
      [
        "error: stateDir /d belongs to user 1000, who can change what is in it -> `chown root /d`",
        "error: stateDir /d: others can write to it (mode 777) -> `chmod go-w /d`",
      ],
    ],
    [
      "a file",
      judge({}, { kind: "file" }),
      ["error: stateDir /d: it is no directory -> move it away, or name another path in stateDir"],
    ],
    [
      "nearly full",
      judge({}, { disk: { ...disk, freeBytes: GIB / 2 } }),
      ["warning: stateDir /d: only 512 MiB free -> free space: `df -h /d`"],
    ],
    [
      "full",
      judge({}, { disk: { ...disk, freeBytes: 0, freeInodes: 0 } }),
      [
        "error: stateDir /d: only 0 B free -> free space: `df -h /d`",
        "error: stateDir /d: no inodes are free -> remove files: `df -i /d`",
      ],
    ],
    [
      "kept in memory, though it is state",
      judge({}, { disk: { ...disk, inMemory: true } }),
      [
        "warning: stateDir /d is on tmpfs: what is in it is gone after a boot -> name a directory on a disk in stateDir, such as /var/lib/holdfast",
      ],
    ],
    [
      "on a disk, though it holds secrets",
      judge({ setting: "runtimeDir" }),
      [
        "warning: runtimeDir /d is not on tmpfs: secrets would reach a disk -> name a directory on tmpfs in runtimeDir: /run is one, except in some containers (`findmnt -T /run`)",
      ],
    ],
    [
      "small, as tmpfs is",
      judge({ setting: "runtimeDir" }, { disk: { ...disk, inMemory: true, freeBytes: 60 * 2 ** 20 } }),
      ["ok: runtimeDir /d: writable, 60 MiB free"],
    ],
    [
      "only ever read",
      judge({ setting: "hostEnvDir", isWritable: false }, { disk: { ...disk, freeBytes: 0 } }),
      ["ok: hostEnvDir /d"],
    ],
    ["not needed", judge({ setting: "hostEnvDir" }, { kind: "missing" }), ["ok: hostEnvDir /d: not there, and not needed"]],
    [
      "only ever read, and others' to write",
      judge({ setting: "hostEnvDir" }, { mode: 0o777 }),
      ["error: hostEnvDir /d: others can write to it (mode 777) -> `chmod go-w /d`"],
    ],
  ];
  for (const [what, found, expected] of CASES) test(`must be told when it is ${what}`, () => assert.deepEqual(found, expected));
});

test("free space must be ample, or told", () => {
  const limits = { leastBytes: 10, ampleBytes: 100 };
  const judge = (freeBytes: number) => judgeFreeSpace("images", { ...disk, freeBytes }, limits).map(({ status }) => status);
  assert.deepEqual([judge(100), judge(99), judge(10), judge(9)], [[], ["warning"], ["warning"], ["error"]]);
});
