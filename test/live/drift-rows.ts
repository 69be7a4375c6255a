import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DriftKind } from "../../agent/model/drift.ts";
import type { Action } from "../../agent/model/plan.ts";
import { commitVariant } from "../engine/load-images.ts";
import type { Host } from "./start-host.ts";

/** Something that is done by hand to a running stack, and what comes of it. */
export interface Row {
  /** What is done by hand. */
  readonly act: string;
  readonly by: (host: Host) => Promise<unknown>;
  readonly kind: DriftKind;
  /** What mends it. */
  readonly step: Action;
  /** The containers that are other ones afterwards; every other one must be the same. */
  readonly replaced?: readonly string[];
  readonly gone?: readonly string[];
  /** The engine's list does not show it: it is found at an audit, or when somebody tells. */
  readonly unlisted?: boolean;
}

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

/** What people and programs do to a host; each is found, told and mended. */
export const ROWS: readonly Row[] = [
  {
    act: "docker rm -f",
    by: (host) => host.docker("rm", "-f", "web-app-1"),
    kind: "service-missing",
    step: "up",
    replaced: ["web-app-1"],
  },
  {
    act: "docker rm -f of one of two replicas",
    by: (host) => host.docker("rm", "-f", "web-many-2"),
    kind: "replicas",
    step: "up",
    replaced: ["web-many-2"],
  },
  { act: "docker stop", by: (host) => host.docker("stop", "web-app-1"), kind: "stopped", step: "start" },
  { act: "docker kill", by: (host) => host.docker("kill", "web-db-1"), kind: "stopped", step: "start" },
  { act: "docker pause", by: (host) => host.docker("pause", "web-app-1"), kind: "paused", step: "unpause" },
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
    step: "up",
    replaced: ["web-app-1"],
  },
  {
    act: "another local image under the same tag",
    by: (host) => commitVariant(host.engine.socket, "busybox:1.35", "tagged:1"),
    kind: "image-local",
    step: "up",
    replaced: ["web-tagged-1"],
  },
  { act: "docker rename", by: (host) => host.docker("rename", "web-app-1", "mine"), kind: "renamed", step: "rename" },
  {
    act: "docker network disconnect",
    by: (host) => host.docker("network", "disconnect", "web_default", "web-app-1"),
    kind: "network",
    step: "connect",
  },
  {
    act: "docker network connect",
    by: (host) => host.docker("network", "connect", "bridge", "web-app-1"),
    kind: "network",
    step: "disconnect",
  },
  { act: "docker update", by: (host) => update(host, "--restart", "no"), kind: "limits", step: "update", unlisted: true },
  {
    act: "docker update with a limit that cannot be taken back",
    by: (host) => update(host, "--cpu-shares", "512"),
    kind: "limits",
    step: "up",
    replaced: ["web-app-1"],
    unlisted: true,
  },
  {
    act: "docker update of memory that the definition does not limit",
    by: (host) => update(host, "--memory", "64m", "--memory-swap", "64m"),
    kind: "limits",
    step: "up",
    replaced: ["web-app-1"],
    unlisted: true,
  },
  {
    act: "docker kill with a signal that the program ends at",
    by: (host) => host.docker("kill", "--signal", "TERM", "web-many-1"),
    kind: "stopped",
    step: "start",
  },
  {
    act: "docker stop and docker network disconnect",
    by: async (host) => {
      await host.docker("stop", "web-app-1");
      await host.docker("network", "disconnect", "web_default", "web-app-1");
    },
    kind: "network",
    step: "connect",
  },
  {
    act: "docker rename of a replica to another number",
    by: (host) => host.docker("rename", "web-many-2", "web-many-7"),
    kind: "renamed",
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
    step: "up",
    replaced: ["web-app-1"],
    gone: ["web-job-1"],
  },
  {
    act: "docker rm -f of everything and of the network, as docker compose down does",
    by: async (host) => {
      await host.docker("rm", "--force", "web-app-1", "web-db-1", "web-many-1", "web-many-2", "web-tagged-1");
      await host.docker("network", "rm", "web_default");
    },
    kind: "service-missing",
    step: "up",
    replaced: ["web-app-1", "web-db-1", "web-many-1", "web-many-2", "web-tagged-1"],
  },
];

/** No events are followed here, which would tell it. */
async function update(host: Host, ...argv: string[]): Promise<void> {
  await host.docker("update", ...argv, "web-app-1");
  host.memory().details.invalidate();
}

/** Labels that make a container look like one of Compose's, of the project web. */
export function labels(values: Readonly<Record<string, string>>): string[] {
  const { service = "", ...own } = values;
  const all = {
    "com.docker.compose.project": "web",
    "com.docker.compose.service": service,
    "com.docker.compose.container-number": "1",
    "com.docker.compose.oneoff": "False",
    // Compose takes no notice of a container without it.
    "com.docker.compose.config-hash": "other",
    ...own,
  };
  return Object.entries(all).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
}
