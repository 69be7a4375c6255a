import { chmodSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../test/engine/run-command.ts";
import { type GitServer, startGitServer } from "../../test/servers/git-server.ts";
import type { DemoEngine } from "./demo-engine.ts";
import type { Site } from "./site.ts";

/** The Git repository of desired state, and a clone of it to work in. */
export interface DemoRepository {
  /** With the user's name in it, without the password. */
  readonly url: string;
  /** Runs git in the clone. Returns its standard output. */
  git(...args: string[]): Promise<string>;
  /** Replaces a text of a file below the clone, which has to be there exactly once. */
  edit(path: string, from: string, to: string): void;
  /** The number of the line that holds a text. */
  findLine(path: string, text: string): number;
  /** Commits what was edited. Returns the commit's id. */
  commit(message: string): Promise<string>;
  push(): Promise<void>;
  stop(): Promise<void>;
}

export const GIT_USER = "demo";
const ROOT = join(import.meta.dirname, "../..");

/** The values of fleet.yaml that belong to a site: how often to look, and who is told. */
const SITE_VALUES = (alertmanagerUrl: string): readonly (readonly [string, string])[] => [
  ["interval: 1m", "interval: 10s"],
  ["minFiring: 5m", "minFiring: 15s"],
  ["http://alertmanager.lab.example:9093", alertmanagerUrl],
];

/** Serves an empty repository over HTTP and pushes the example fleet to it: first as it is, then with this site's values. */
export async function openDemoRepository(site: Site, engine: DemoEngine, alertmanagerUrl: string): Promise<DemoRepository> {
  const password = readFileSync(site.tokenFile, "utf8").trim();
  const server = await startGitServer({ root: site.gitRoot, auth: { username: GIT_USER, password } });
  const { name } = await server.createRepository("infra.git");
  const repository = openClone(site, server, `${server.url.replace("://", `://${GIT_USER}@`)}/${name}`);
  await runCommand(["git", "clone", "--quiet", repository.url, site.clone], { environment: gitEnvironment(site) });
  for (const folder of ["desired-state", "schemas"])
    cpSync(join(ROOT, folder), join(site.clone, folder), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  await repository.commit("Describe the GPU box and the Pi cluster");
  for (const [from, to] of SITE_VALUES(alertmanagerUrl)) repository.edit("desired-state/fleet.yaml", from, to);
  for (const [key, value] of Object.entries(engine.vars ?? {})) {
    const file = "desired-state/hosts/gpu-box.yaml";
    const line = readFileSync(join(site.clone, file), "utf8").match(new RegExp(`^ *${key}: .*$`, "m"))?.[0] ?? "";
    repository.edit(file, line, `  ${key}: ${value}`);
  }
  await repository.commit("Set what belongs to this site");
  await repository.push();
  return repository;
}

/** What git needs to reach the demo's repository, and nothing of the user's own settings. */
export function gitEnvironment(site: Site): NodeJS.ProcessEnv {
  const person = { NAME: "Demo", EMAIL: "demo@example.org" };
  return {
    PATH: process.env["PATH"],
    HOME: site.directory,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: writeAskpass(site),
    ...Object.fromEntries(
      ["AUTHOR", "COMMITTER"].flatMap((role) => Object.entries(person).map(([key, value]) => [`GIT_${role}_${key}`, value])),
    ),
  };
}

/** The program that git asks for the password: it keeps it out of addresses, arguments and .git/config. */
export function writeAskpass(site: Site): string {
  const path = join(site.bin, "git-password");
  writeFileSync(path, `#!/bin/sh\nexec cat ${site.tokenFile}\n`);
  chmodSync(path, 0o700);
  return path;
}

function openClone(site: Site, server: GitServer, url: string): DemoRepository {
  const git = async (...args: string[]) =>
    (await runCommand(["git", "-C", site.clone, ...args], { environment: gitEnvironment(site) })).stdout;
  return {
    url,
    git,
    edit: (path, from, to) => {
      const file = join(site.clone, path);
      const parts = readFileSync(file, "utf8").split(from);
      if (from === "" || parts.length !== 2) throw new Error(`${path} does not hold "${from}" exactly once`);
      writeFileSync(file, parts.join(to));
    },
    findLine: (path, text) =>
      readFileSync(join(site.clone, path), "utf8")
        .split("\n")
        .findIndex((line) => line.includes(text)) + 1,
    commit: async (message) => {
      await git("add", "--all");
      await git("commit", "--quiet", "--message", message);
      return (await git("rev-parse", "HEAD")).trim();
    },
    push: async () => {
      await git("push", "--quiet", "origin", "HEAD:main");
    },
    stop: server.stop,
  };
}
