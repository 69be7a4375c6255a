import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitVariant } from "../engine/load-images.ts";
import { labels, type Row } from "./drift-row.ts";
import type { Host } from "./start-host.ts";

/** What is done to a placed file that the service app mounts. */
const EDITS: readonly { readonly act: string; readonly change: (path: string) => void }[] = [
  { act: "an edit of a placed file", change: (path) => writeFileSync(path, "by hand\n") },
  { act: "deleting a placed file", change: (path) => rmSync(path) },
  { act: "making a placed file executable", change: (path) => chmodSync(path, 0o755) },
  {
    act: "a directory in a placed file's place",
    change(path) {
      rmSync(path);
      mkdirSync(path);
    },
  },
  {
    act: "a link in a placed file's place",
    change(path) {
      rmSync(path);
      symlinkSync("/etc/hostname", path);
    },
  },
];

const ALL = ["web-app-1", "web-db-1", "web-eater-1", "web-many-1", "web-many-2", "web-pushed-1", "web-tagged-1"];

/** What people and programs do to a host that is found, mended and told. */
export const HEALED_ROWS: readonly Row[] = [
  {
    act: "docker rm -f",
    by: (host) => host.docker("rm", "-f", "web-app-1"),
    kind: "service-missing",
    mode: "heal",
    step: "up",
    replaced: ["web-app-1"],
  },
  {
    act: "docker rm -f of one of two replicas",
    by: (host) => host.docker("rm", "-f", "web-many-2"),
    kind: "replicas",
    mode: "heal",
    step: "up",
    replaced: ["web-many-2"],
  },
  { act: "docker stop", by: (host) => host.docker("stop", "web-app-1"), kind: "stopped", mode: "heal", step: "start" },
  { act: "docker kill", by: (host) => host.docker("kill", "web-db-1"), kind: "stopped", mode: "heal", step: "start" },
  { act: "docker pause", by: (host) => host.docker("pause", "web-app-1"), kind: "paused", mode: "heal", step: "unpause" },
  {
    act: "docker run with the labels of a service that does not exist",
    by: (host) =>
      host.docker(
        "run",
        "-d",
        "--name",
        "web-stray-1",
        ...labels({ service: "stray", "holdfast.stack": "web" }),
        "busybox:1.35",
        "sleep",
        "1000",
      ),
    kind: "orphan",
    mode: "heal",
    step: "remove",
    gone: ["web-stray-1"],
  },
  {
    act: "a container that somebody recreated without Holdfast's labels",
    by: async (host) => {
      await host.docker("rm", "-f", "web-app-1");
      await host.docker("run", "-d", "--name", "web-app-1", ...labels({ service: "app" }), "busybox:1.35", "sleep", "1000");
    },
    kind: "definition",
    mode: "heal",
    step: "up",
    replaced: ["web-app-1"],
  },
  {
    act: "another local image under the same tag",
    by: (host) => commitVariant(host.engine.socket, "busybox:1.35", "tagged:1"),
    kind: "image-local",
    mode: "heal",
    step: "up",
    replaced: ["web-tagged-1"],
  },
  {
    act: "docker rename",
    by: (host) => host.docker("rename", "web-app-1", "mine"),
    kind: "renamed",
    mode: "heal",
    step: "rename",
  },
  {
    act: "docker network disconnect",
    by: (host) => host.docker("network", "disconnect", "web_default", "web-app-1"),
    kind: "network",
    mode: "heal",
    step: "connect",
  },
  {
    act: "docker network connect",
    by: (host) => host.docker("network", "connect", "bridge", "web-app-1"),
    kind: "network",
    mode: "heal",
    step: "disconnect",
  },
  {
    act: "docker update",
    by: (host) => update(host, "--restart", "no"),
    kind: "limits",
    mode: "heal",
    step: "update",
    unlisted: true,
  },
  {
    act: "docker update with a limit that cannot be taken back",
    by: (host) => update(host, "--cpu-shares", "512"),
    kind: "limits",
    mode: "heal",
    step: "up",
    replaced: ["web-app-1"],
    unlisted: true,
  },
  {
    act: "docker update of memory that the definition does not limit",
    by: (host) => update(host, "--memory", "64m", "--memory-swap", "64m"),
    kind: "limits",
    mode: "heal",
    step: "up",
    replaced: ["web-app-1"],
    unlisted: true,
  },
  {
    act: "docker kill with a signal that the program ends at",
    by: (host) => host.docker("kill", "--signal", "TERM", "web-many-1"),
    kind: "stopped",
    mode: "heal",
    step: "start",
  },
  {
    act: "docker stop and docker network disconnect",
    by: async (host) => {
      await host.docker("stop", "web-app-1");
      await host.docker("network", "disconnect", "web_default", "web-app-1");
    },
    kind: "network",
    mode: "heal",
    step: "connect",
  },
  {
    act: "docker rename of a replica to another number",
    by: (host) => host.docker("rename", "web-many-2", "web-many-7"),
    kind: "renamed",
    mode: "heal",
    step: "rename",
  },
  ...EDITS.map(
    ({ act, change }): Row => ({
      act,
      by: async (host) => {
        change(join(host.directory, "state/stacks/web/conf/app.conf"));
        // No watcher runs here, which would tell it.
        delete host.memory().watch.auditedAtMs;
      },
      kind: "files-edited",
      mode: "heal",
      step: "place",
      replaced: ["web-app-1"],
      unlisted: true,
    }),
  ),
  {
    act: "docker rm -f while the agent was stopped",
    by: async (host) => {
      await host.docker("rm", "--force", "web-db-1");
      host.restart();
    },
    kind: "service-missing",
    mode: "heal",
    step: "up",
    replaced: ["web-db-1"],
  },
  {
    act: "docker rm -f and a boot, after which what was rendered is gone",
    by: async (host) => {
      await host.docker("rm", "--force", "web-app-1");
      host.boot();
    },
    kind: "service-missing",
    mode: "heal",
    step: "up",
    replaced: ["web-app-1"],
  },
  {
    act: "docker stop and docker container prune, which takes the finished one-shot along",
    by: async (host) => {
      await host.docker("stop", "web-app-1");
      await host.docker("container", "prune", "--force");
    },
    kind: "service-missing",
    mode: "heal",
    step: "up",
    replaced: ["web-app-1"],
    gone: ["web-job-1"],
  },
  {
    act: "docker stop and a restart of the engine, which starts what it stopped itself",
    by: async (host) => {
      await host.docker("stop", "web-app-1");
      await host.engine.endDaemon();
      await host.engine.startDaemon();
    },
    kind: "stopped",
    mode: "heal",
    step: "start",
  },
  {
    act: "two containers that were given each other's names",
    by: async (host) => {
      await host.docker("rename", "web-app-1", "aside");
      await host.docker("rename", "web-db-1", "web-app-1");
      await host.docker("rename", "aside", "web-db-1");
    },
    kind: "renamed",
    mode: "heal",
    step: "rename",
  },
  {
    act: "docker update of the nodes of memory",
    by: (host) => update(host, "--cpuset-mems", "0"),
    kind: "limits",
    mode: "heal",
    step: "up",
    replaced: ["web-app-1"],
    unlisted: true,
  },
  {
    act: "docker compose down by somebody else",
    by: (host) => host.docker("compose", "--project-name", "web", "down", "--timeout", "1"),
    kind: "service-missing",
    mode: "heal",
    step: "up",
    replaced: ALL,
  },
  {
    act: "docker compose down --volumes by somebody else",
    by: (host) => host.docker("compose", "--project-name", "web", "down", "--volumes", "--timeout", "1"),
    kind: "service-missing",
    mode: "heal",
    step: "up",
    replaced: ALL,
    emptied: true,
  },
];

/** No events are followed here, which would tell it. */
async function update(host: Host, ...argv: string[]): Promise<void> {
  await host.docker("update", ...argv, "web-app-1");
  host.memory().details.invalidate();
}
