import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { startAlertmanager } from "../../test/servers/alertmanager.ts";
import { findFreePort } from "../../test/servers/free-port.ts";
import { type Demo, showDiff, showHoldfast } from "./demo.ts";
import { startAgent, writeConfiguration } from "./demo-agent.ts";
import { loadStackImages, openGivenEngine, openOwnEngine, removeStacks } from "./demo-engine.ts";
import { openDemoRepository } from "./demo-repository.ts";
import { showNextSteps, writeEnvironment } from "./next-steps.ts";
import { formatTime, type Screen } from "./screen.ts";
import { sharePort } from "./share-ports.ts";
import { claimSite, DIRECTORY, leaveSite } from "./site.ts";
import { firstConverge } from "./steps/first-converge.ts";
import { invalidPush } from "./steps/invalid-push.ts";
import { pushedChange } from "./steps/pushed-change.ts";
import { removedContainer } from "./steps/removed-container.ts";
import { rolledBack } from "./steps/rolled-back.ts";
import { tellAgent } from "./tell-agent.ts";

export interface DemoOptions {
  /** End after the steps. */
  readonly check: boolean;
  /** Socket of an engine to use instead of a private one. */
  readonly engine?: string;
}

interface PreparedDemo extends Omit<Demo, "agent"> {
  /** Works on this machine as on the host. */
  readonly dashboardUrl: string;
}
/** What has to be undone at the end, last first. */
type Undo = (() => unknown)[];

const USUAL_ALERTMANAGER_PORT = 9093;
const USUAL_DASHBOARD_PORT = 9616;
const LOG_LINES_SHOWN = 12;

/** Prepares, shows the steps, stays if it may, and removes everything again. Returns the exit code. */
export async function runDemo(options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<number> {
  const undo: Undo = [];
  const startedAt = performance.now();
  let code = 1;
  try {
    const prepared = await prepare(options, screen, signal, undo);
    await showSteps(prepared, undo);
    screen.heading("All of it happened");
    screen.say(`${formatTime(performance.now() - startedAt)} from the start of the demo.`);
    code = 0;
    if (!options.check) await stay(prepared);
  } catch (error) {
    if (signal.aborted) {
      code = 128 + (constants.signals[signal.reason as NodeJS.Signals] ?? 0);
      screen.problem(`ended by ${signal.reason}`);
    } else explain(screen, error, undo.length > 0);
  }
  await cleanUp(undo, screen);
  return code;
}

async function prepare(options: DemoOptions, screen: Screen, signal: AbortSignal, undo: Undo): Promise<PreparedDemo> {
  screen.heading("Holdfast: a Docker host that follows a Git repository");
  screen.say(
    "This machine plays `gpu-box`, one host of the example fleet in desired-state/: a reverse proxy, a DNS server, and language models with a chat page. Small test images stand in for the real ones.",
  );
  screen.blank();
  const given = options.engine === undefined ? undefined : resolve(options.engine);
  const site = await claimSite(given, removeStacks);
  undo.push(leaveSite);
  const engine = await timed(
    screen,
    "starting the Docker engine",
    given === undefined ? openOwnEngine(site) : openGivenEngine(site, given),
    (it) => it.description,
  );
  undo.push(engine.stop);
  signal.throwIfAborted();
  await timed(screen, "loading test images", loadStackImages(engine.socket), (count) => `${count} test images`);
  signal.throwIfAborted();
  const alertmanager = await timed(screen, "starting Alertmanager", openAlertmanager(), (it) => `Alertmanager at ${it.url}`);
  undo.push(alertmanager.stop);
  const repository = await timed(
    screen,
    "making the repository",
    openDemoRepository(site, engine, alertmanager.url),
    (it) => `Git repository with desired-state/ at ${it.url}`,
  );
  undo.push(repository.stop);
  // A given engine's network is this machine's.
  const share = async (url: string, direction: "to-host" | "from-host") => {
    const shared = { port: Number(new URL(url).port), direction, directory: site.directory, onHost: engine.onHost };
    if (given === undefined) undo.push(await sharePort(shared, signal));
  };
  for (const url of [repository.url, alertmanager.url]) await share(url, "to-host");
  const dashboardUrl = `http://127.0.0.1:${await choosePort(USUAL_DASHBOARD_PORT)}`;
  await share(dashboardUrl, "from-host");
  writeConfiguration(site, engine.socket, repository.url, dashboardUrl);
  writeEnvironment(site, engine, repository.url, alertmanager.url);
  signal.throwIfAborted();
  return { screen, site, engine, alertmanager, repository, dashboardUrl, signal };
}

async function showSteps(prepared: PreparedDemo, undo: Undo): Promise<void> {
  const { screen, site, engine } = prepared;
  screen.heading("1/5 First converge");
  screen.say("The repository holds the example files as they are. Only what belongs to a site was set in a commit of its own:");
  await showDiff(prepared, "HEAD~1");
  if (engine.vars !== undefined)
    screen.say(
      "\nWith --engine the host's address and storage are the demo's too, since that engine's network and disk are not.",
    );
  screen.say("\nThe host runs nothing yet. What would Holdfast do, in which order, and why?");
  const planned = await showHoldfast(prepared, "plan");
  if (planned !== 2) throw new Error(`holdfast plan should have ended with 2 (changes), not ${planned}`);
  screen.say("\nNow the agent is started. From here on it works by itself; nobody has to log in to the host for it.");
  screen.command(`holdfast run --config ${site.configuration}`);
  const agent = startAgent(site, engine, tellAgent(screen));
  undo.push(agent.stop);
  const demo: Demo = { ...prepared, agent };
  await firstConverge(demo);
  screen.heading("2/5 A pushed change");
  await pushedChange(demo);
  screen.heading("3/5 A container removed by hand");
  await removedContainer(demo);
  screen.heading("4/5 A change that does not work");
  await rolledBack(demo);
  screen.heading("5/5 An invalid push");
  await invalidPush(demo);
}

async function stay({ screen, site, engine, repository, alertmanager, dashboardUrl, signal }: PreparedDemo): Promise<void> {
  showNextSteps(screen, { site, engine, repositoryUrl: repository.url, alertmanagerUrl: alertmanager.url, dashboardUrl });
  await new Promise<void>((resolve) => {
    // Something has to keep the process alive while it waits for a signal.
    const timer = setInterval(() => undefined, 60_000);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      resolve();
    });
  });
}

/** Alertmanager at its usual port, or at a free one when that is taken. */
async function openAlertmanager() {
  const taken = await fetch(`http://127.0.0.1:${USUAL_ALERTMANAGER_PORT}/`).then(
    () => true,
    () => false,
  );
  return taken ? startAlertmanager() : startAlertmanager({ port: USUAL_ALERTMANAGER_PORT }).catch(() => startAlertmanager());
}

/** The usual port, or a free one when that is taken: an agent of this machine may have it. */
async function choosePort(usual: number): Promise<number> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false)).listen(usual, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  return free ? usual : findFreePort();
}

function timed<T>(screen: Screen, what: string, work: Promise<T>, told: (result: T) => string): Promise<T> {
  return screen.wait(what, work, told);
}

function explain(screen: Screen, error: unknown, ours: boolean): void {
  screen.blank();
  screen.problem(error instanceof Error ? error.message : String(error));
  const log = ours ? findLog() : [];
  if (log.length > 0) screen.say("\nThe last lines of the agent's log:");
  for (const line of log) screen.output(line);
}

function findLog(): string[] {
  const path = join(DIRECTORY, "agent.log");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").slice(-LOG_LINES_SHOWN) : [];
}

async function cleanUp(undo: Undo, screen: Screen): Promise<void> {
  if (undo.length === 0) return;
  screen.blank();
  // What is waited for here does not by itself keep the process alive.
  const timer = setInterval(() => undefined, 60_000);
  const work = async () => {
    for (const step of undo.reverse()) {
      try {
        await step();
      } catch (error) {
        screen.problem(String(error));
      }
    }
  };
  await screen.wait("removing everything that the demo made", work(), () => "everything that the demo made is removed");
  clearInterval(timer);
}
