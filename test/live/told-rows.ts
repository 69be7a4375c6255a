import { checkRegistries } from "../../agent/reconcile/observe/check-registries.ts";
import { commitVariant } from "../engine/load-images.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { labels, type Row } from "./drift-row.ts";
import type { Host } from "./start-host.ts";

/** What is told, or not even that, and left as it is. */
export const TOLD_ROWS: readonly Row[] = [
  {
    act: "docker run with the project's labels and without Holdfast's",
    by: (host) => run(host, "web-foreign-1", ...labels({ service: "foreign" })),
    kind: "foreign",
    mode: "report",
    end: { "web-foreign-1": "running" },
    undo: (host) => host.docker("rm", "--force", "web-foreign-1"),
  },
  {
    act: "docker run on the network of a stack",
    by: (host) => run(host, "guest", "--network", "web_default"),
    kind: "foreign",
    mode: "report",
    unlisted: true,
    told: /container guest, which is not Holdfast's, is connected to network web_default/,
    // It is still there, and runs.
    undo: async (host) => [await host.docker("kill", "guest"), await host.docker("rm", "guest")],
  },
  {
    act: "another digest that is pushed under the same tag",
    by: pushElsewhere,
    kind: "image-moved",
    mode: "report",
    unlisted: true,
    undo: async (host) => host.forget("registry"),
  },
  {
    act: "a program that takes more memory than it may, again and again",
    by: async (host) => {
      await host.docker("exec", "web-db-1", "touch", "/data/eat");
      // By then the engine waits for more than six seconds before it starts it again, so that it is looked at meanwhile.
      await waitUntil(
        "it was killed and started again, often",
        async () => {
          const told = await host.docker("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", "web-eater-1");
          const [count = "", status] = told.split(" ");
          return Number(count) >= 6 && status === "restarting";
        },
        { timeoutMs: 60_000 },
      );
    },
    kind: "restarting",
    mode: "report",
    end: { "web-eater-1": "restarting" },
    told: /with code 137 after \d+ restarts?; it was killed for want of memory \(limit 16 MiB\)/,
    undo: async (host) => {
      await host.docker("exec", "web-db-1", "rm", "/data/eat");
      await host.docker("restart", "--time", "0", "web-eater-1");
    },
  },
  {
    act: "docker stop in a stack whose drift is reported",
    by: (host) => host.docker("stop", "--time", "0", "calm-app-1"),
    kind: "stopped",
    mode: "report",
    end: { "calm-app-1": "exited" },
    undo: (host) => host.docker("start", "calm-app-1"),
  },
  {
    act: "docker stop in a stack whose drift is ignored",
    by: (host) => host.docker("stop", "--time", "0", "deaf-app-1"),
    kind: "stopped",
    mode: "ignore",
    end: { "deaf-app-1": "exited" },
    undo: (host) => host.docker("start", "deaf-app-1"),
  },
];

function run(host: Host, name: string, ...options: string[]): Promise<string> {
  return host.docker("run", "--detach", "--name", name, ...options, "busybox:1.35", "sleep", "1000");
}

async function findPushed(host: Host): Promise<string> {
  return host.docker("inspect", "--format", "{{.Config.Image}}", "web-pushed-1");
}

/** Pushes from somewhere else, so that this engine keeps the image that it has; and has the registry asked again. */
async function pushElsewhere(host: Host): Promise<void> {
  const image = await findPushed(host);
  const before = await host.docker("image", "inspect", "--format", "{{.Id}}", image);
  await commitVariant(host.engine.socket, "busybox:1.35", image);
  await host.docker("push", "--quiet", image);
  await host.docker("tag", before, image);
  host.forget("registry");
  const { desired } = host.memory();
  // The images that have no registry are asked for as well, two in a round.
  for (let round = 0; desired !== undefined && round < 3; round += 1)
    await checkRegistries(desired, "box", host.ports(), AbortSignal.timeout(30_000));
}
