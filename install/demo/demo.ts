import type { Status } from "../../agent/model/generated/status.ts";
import { type CommandResult, runCommand } from "../../test/engine/run-command.ts";
import type { Alertmanager, ReceivedAlert } from "../../test/servers/alertmanager.ts";
import { type DemoAgent, PROGRAM } from "./demo-agent.ts";
import type { DemoEngine } from "./demo-engine.ts";
import type { DemoRepository } from "./demo-repository.ts";
import type { Screen } from "./screen.ts";
import type { Site } from "./site.ts";
import { waitFor } from "./wait-for.ts";

/** What the steps of the demo work with. */
export interface Demo {
  readonly screen: Screen;
  readonly site: Site;
  readonly engine: DemoEngine;
  readonly repository: DemoRepository;
  readonly alertmanager: Alertmanager;
  readonly agent: DemoAgent;
  /** Aborted when the demo is to end. */
  readonly signal: AbortSignal;
}

/** Longer than any of it takes on a slow machine. */
const PATIENCE_MS = 120_000;

/** Runs the program as a user does. */
export function holdfast({ site, engine }: Pick<Demo, "site" | "engine">, ...args: string[]): Promise<CommandResult> {
  const environment = { PATH: process.env["PATH"], HOLDFAST_CONFIG: site.configuration };
  return runCommand(engine.onHost([process.execPath, PROGRAM, ...args]), { environment, cwd: site.clone, allowFailure: true });
}

/** Runs the program and shows command and output. Returns the exit code. */
export async function showHoldfast(demo: Pick<Demo, "screen" | "site" | "engine">, ...args: string[]): Promise<number> {
  demo.screen.command(["holdfast", ...args].join(" "));
  const { stdout, stderr, exitCode } = await holdfast(demo, ...args);
  demo.screen.output(
    [stdout, stderr]
      .map((text) => text.trim())
      .filter(Boolean)
      .join("\n"),
  );
  return exitCode;
}

/** Shows what a commit changes, as `git show` does. */
export async function showDiff({ screen, repository }: Pick<Demo, "screen" | "repository">, ...args: string[]): Promise<void> {
  screen.command(["git", "diff", ...args].join(" "));
  const colour = screen.colour ? "always" : "never";
  const text = await repository.git("diff", "--unified=1", `--color=${colour}`, ...args);
  // The two file names say it all.
  screen.output(text.replace(/^(\u001b\[[0-9;]*m)?(diff --git|index) .*\n/gm, ""));
}

/** Runs the docker client against the demo's engine. */
export async function docker({ engine }: Pick<Demo, "engine">, ...args: string[]): Promise<string> {
  return (await runCommand(["docker", "-H", `unix://${engine.socket}`, ...args])).stdout;
}

export async function showContainers(demo: Demo, columns = ["Names", "Status", "Ports"]): Promise<void> {
  const format = `table ${columns.map((column) => `{{.${column}}}`).join("\t")}`;
  demo.screen.command(`docker ps --format '${format.replaceAll("\t", "\\t")}'`);
  demo.screen.output(await docker(demo, "ps", "--format", format));
}

/** Container ids by name. */
export async function listContainers(demo: Demo): Promise<ReadonlyMap<string, string>> {
  const lines = (await docker(demo, "ps", "--all", "--no-trunc", "--format", "{{.Names}} {{.ID}}")).trim().split("\n");
  return new Map(lines.map((line) => line.split(" ") as [string, string]));
}

/** Whether every container runs and has passed its health check: the agent itself looks only once in an interval. */
export async function allHealthy(demo: Pick<Demo, "engine">): Promise<boolean> {
  const lines = (await docker(demo, "ps", "--all", "--format", "{{.Status}}")).trim().split("\n");
  return lines.every((line) => line.endsWith("(healthy)"));
}

/** Waits, with a line that says so, until the agent's status is as described. */
export function waitForStatus(
  demo: Demo,
  what: string,
  condition: (status: Status) => boolean | Promise<boolean>,
  told: string,
): Promise<Status> {
  let last: Status | undefined;
  const ask = async () => {
    last = await demo.agent.status();
    return (await condition(last)) && last;
  };
  const explain = () =>
    (last?.stacks ?? [])
      .map((stack) => `${stack.name}: ${stack.reason ?? `${stack.state}, ${stack.health ?? "health unknown"}`}`)
      .join("; ");
  const work = waitFor(what, ask, { timeoutMs: PATIENCE_MS, signal: demo.signal, explain });
  return demo.screen.wait(what, Promise.race([work, demo.agent.ended]), () => told);
}

/** Waits until Alertmanager holds such an alert, and shows it. */
export async function waitForAlert(demo: Demo, labels: Readonly<Record<string, string>>): Promise<ReceivedAlert> {
  const matches = (alert: ReceivedAlert) => Object.entries(labels).every(([name, value]) => alert.labels[name] === value);
  const ask = async () => (await demo.alertmanager.alerts()).find(matches);
  const work = waitFor(`${labels["alertname"]} is in Alertmanager`, ask, { timeoutMs: PATIENCE_MS, signal: demo.signal });
  const alert = await Promise.race([work, demo.agent.ended]);
  showAlert(demo.screen, alert);
  return alert;
}

/** Waits until Alertmanager no longer holds any alert of these names. */
export function waitForResolved(demo: Demo, names: readonly string[]): Promise<unknown> {
  const ask = async () => !(await demo.alertmanager.alerts()).some((alert) => names.includes(alert.labels["alertname"] ?? ""));
  const what = "waiting until Alertmanager is told (an alert fires for 15 s at least)";
  const work = waitFor(what, ask, { timeoutMs: PATIENCE_MS, signal: demo.signal });
  return demo.screen.wait(
    what,
    Promise.race([work, demo.agent.ended]),
    () => `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} resolved in Alertmanager`,
  );
}

function showAlert(screen: Screen, { labels, annotations }: ReceivedAlert): void {
  const { alertname = "", severity = "", ...others } = labels;
  const details = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  screen.done(`Alertmanager has the alert ${alertname} (${severity}; ${details.join(", ")})`);
  const lines = `${annotations["summary"] ?? ""}\n${annotations["description"] ?? ""}`.split("\n").filter(Boolean);
  for (const line of lines) screen.event(line, severity === "critical" ? "red" : "yellow");
}
