import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Format } from "../../agent/commands/output.ts";
import { statusFleet } from "../../agent/commands/status-fleet.ts";
import type { FleetHost, FleetStatus } from "../../agent/model/generated/fleet-status.ts";
import type { AgentApi } from "../../agent/server/agent-api.ts";
import { serveSocket } from "../../agent/server/serve-socket.ts";
import { strict } from "../fakes/strict.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const AT = "2026-03-01T12:00:00.000Z";
const well = { state: "converged", health: "healthy" };
const OWN: FleetHost = {
  ...{ name: "attic", state: "healthy", revision: "2222222aaaaaaa", position: "current", subject: "Prometheus 3.1" },
  ...{ at: "2026-03-01T11:59:48.000Z", stacks: [{ name: "proxy", ...well }], drift: 0, holds: 0 },
};
const BEHIND: FleetHost = {
  ...{ name: "gpu-box", state: "not-healthy", revision: "1111111aaaaaaa", position: "behind", subject: "Everything" },
  ...{ at: "2026-03-01T09:00:00.000Z", reason: "ai unhealthy, proxy drifted", drift: 2, holds: 0 },
  stacks: [
    { name: "ai", state: "converged", health: "unhealthy" },
    { name: "proxy", state: "drifted", health: "healthy" },
  ],
};
const away = (name: string, reason: string): FleetHost => ({
  name,
  state: "unreachable",
  reason,
  stacks: [],
  drift: 0,
  holds: 0,
});
const UNASKED: FleetHost = {
  name: "printer",
  state: "unasked",
  reason: "its host file has no address",
  stacks: [],
  drift: 0,
  holds: 0,
};

async function print(
  hosts: readonly FleetHost[],
  format: Format = "text",
): Promise<{ readonly code: number; readonly text: string }> {
  const path = `${createTemporaryDirectory("hf-fleet-")}/holdfast.sock`;
  const fleet: FleetStatus = { host: "attic", at: AT, revision: "2222222aaaaaaa", hosts: [...hosts] };
  const server = await serveSocket({ path, api: strict<AgentApi>("the fake agent", { fleet: async () => fleet }) });
  const printed: string[] = [];
  try {
    const code = await statusFleet(path, { format, print: (text) => printed.push(text), complain: assert.fail });
    return { code, text: printed.join("\n") };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe("holdfast status --fleet", () => {
  it("must print hosts, who is behind, why, revisions and stacks", async () => {
    const { code, text } = await print([OWN, BEHIND, away("nas", "the connection was refused"), UNASKED]);
    assert.equal(code, 1);
    assert.equal(
      text,
      `fleet as attic sees it: 1 healthy, 1 not healthy, 1 unreachable, 1 not asked

HOST     STATE        REVISION        WELL  LAST
attic    healthy      2222222         1/1   12 s ago
gpu-box  not healthy  1111111 behind  0/2   3 h ago
nas      unreachable  -               -     -
printer  not asked    -               -     -

why
  gpu-box: ai unhealthy, proxy drifted
  nas: the connection was refused
  printer: its host file has no address

revisions
  2222222 (newest) Prometheus 3.1: attic
  1111111 Everything: gpu-box

stacks
  ai: gpu-box unhealthy
  proxy: attic well, gpu-box drifted`,
    );
  });

  for (const [hosts, code] of [
    [[OWN, UNASKED], 0],
    [[OWN, BEHIND], 2],
    [[OWN, BEHIND, away("nas", "x")], 1],
  ] as const)
    it(`${hosts.map(({ state }) => state).join(", ")} must exit ${code}`, async () => {
      assert.equal((await print(hosts)).code, code);
    });

  it("must fit 80 columns, however long names and reasons are", async () => {
    const long = "a-host-with-a-name-as-long-as-a-name-may-be-which-is-sixty-three-c";
    const hosts = [
      { ...BEHIND, name: long, subject: "words and ".repeat(30), reason: "some words ".repeat(40).trim() },
      away("nas", `a reason ${"with many words ".repeat(20)}`),
    ];
    const { text } = await print(hosts);
    const wide = text.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(wide, []);
  });

  it("must print what the schema says as JSON", async () => {
    const { text, code } = await print([OWN], "json");
    assert.deepEqual([JSON.parse(text).hosts, code], [[OWN], 0]);
  });
});
