import assert from "node:assert/strict";
import { test } from "node:test";
import type { StackNeeds } from "../../../agent/model/preflight.ts";
import { listMissingDirectories } from "../../../agent/plan/preflight/list-missing-directories.ts";
import { listNeededFacts } from "../../../agent/plan/preflight/list-needed-facts.ts";

const stack: StackNeeds = {
  name: "ai",
  composeVersion: "2.26.1",
  root: "/var/lib/holdfast/stacks/ai",
  requires: { disk: [{ path: "/srv" }, { path: "/data" }], commands: ["tailscale"] },
  model: {
    services: {
      ollama: {
        image: "ollama/ollama:0.5.7",
        gpus: [{ count: -1 }],
        ports: [{ published: "11434", protocol: "tcp" }],
        volumes: [
          { type: "bind", source: "/srv/models", target: "/m" },
          { type: "bind", source: "/var/lib/holdfast/stacks/ai/conf", target: "/c" },
        ],
      },
      again: { image: "ollama/ollama:0.5.7", ports: [{ published: "11434", protocol: "udp" }] },
    },
  },
};

test("what has to be found out must be all that is judged, each once", () => {
  const needs = { requires: { disk: [{ path: "/srv" }], gpu: {}, commands: ["zfs"] }, stacks: [stack] };
  assert.deepEqual(listNeededFacts(needs), {
    machine: {
      paths: ["/srv", "/data", "/srv/models"],
      commands: ["zfs", "tailscale", "nvidia-container-runtime-hook"],
      ports: [11434],
      gpus: true,
    },
    images: ["ollama/ollama:0.5.7"],
  });
});

test("where nothing is needed, nothing must be found out", () => {
  const nothing = { paths: [], commands: [], ports: [], gpus: false };
  assert.deepEqual(listNeededFacts({ stacks: [] }), { machine: nothing, images: [] });
});

test("directories must be made where they are asked for and missing, the outer before the inner", () => {
  const kinds = {
    "/a": "missing",
    "/a/b": "missing",
    "/there": "directory",
    "/file": "file",
    "/other": "missing",
    "/unknown": "unreadable",
  } as const;
  const paths = Object.fromEntries(Object.entries(kinds).map(([path, kind]) => [path, { kind }]));
  const facts = {
    ...{ kernel: "6", platform: "linux/amd64", memory: { totalBytes: 1, availableBytes: 1 }, addresses: [], gpus: [] },
    ...{ bindsAnyAddress: false, paths, commands: {}, listeners: [] },
  };
  const wanted = ["/a/b", "/there", "/file", "/unknown", "/nobody-looked"].map((path) => ({ path, create: true, mode: "2770" }));
  const requires = [
    { disk: [...wanted, { path: "/other" }] },
    {},
    {
      disk: [
        { path: "/a", create: true },
        { path: "/a/b", create: true },
      ],
    },
  ];
  assert.deepEqual(listMissingDirectories(requires, facts), [
    { path: "/a", mode: 0o755 },
    { path: "/a/b", mode: 0o2770 },
  ]);
});
