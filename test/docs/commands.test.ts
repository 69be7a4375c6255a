import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { flagName, SETTINGS } from "../../agent/commands/read-configuration.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import { renderFinding } from "../../agent/model/finding.ts";
import { PUSH_A_CHANGE } from "../../install/demo/next-steps.ts";
import { listComposePlugins } from "../engine/compose-plugins.ts";
import { runCommand } from "../engine/run-command.ts";
import { codeOf, listBlocks, ROOT, readTable } from "./read-pages.ts";

const MAIN = join(ROOT, "agent/main.ts");
const shell = listBlocks().filter((block) => block.language === "sh");
const helps = new Map<string, Promise<string>>();
const hasCompose = (await listComposePlugins()).length > 0;

function help(...command: string[]): Promise<string> {
  const known =
    helps.get(command.join(" ")) ?? runCommand([process.execPath, MAIN, ...command, "--help"]).then(({ stdout }) => stdout);
  helps.set(command.join(" "), known);
  return known;
}

test("docs/commands.md must list exactly the commands that there are", async () => {
  const told = readTable("docs/commands.md", "# Commands").map(([cell = ""]) => codeOf(cell).split(" ")[1]);
  const there = [...(await help()).matchAll(/^ {2}(\w+)(?: \[options\]| [[<]| {2})/gm)].map((match) => match[1]);
  assert.deepEqual(told.sort(), there.sort());
});

test("docs/commands.md must spell flags and variables as the program does", () => {
  for (const [key = "", flag = "", variable = ""] of readTable("docs/commands.md", "Each key of it is a flag")) {
    const setting = SETTINGS.find((one) => one.join(".") === codeOf(key));
    assert.ok(setting, key);
    assert.equal(codeOf(flag), `--${flagName(setting)}`);
    assert.equal(codeOf(variable), `HOLDFAST_${flagName(setting).replaceAll("-", "_").toUpperCase()}`);
  }
});

describe("commands in the pages", () => {
  for (const { page, line, text } of shell) {
    test(`${page}:${line} must name commands and flags that exist`, async () => {
      for (const command of text.split(/\n|;|&&/).map((part) => part.trim())) await checkCommand(command);
    });
  }
});

async function checkCommand(command: string): Promise<void> {
  const words = command.split(/\s+/);
  const flags = words.filter((word) => /^--\w/.test(word)).map((word) => word.split("=")[0] ?? "");
  if (words[0] === "holdfast") {
    const text = await help(words[1] ?? "");
    const known = [...SETTINGS.map((setting) => `--${flagName(setting)}`), ...(text.match(/--[a-z-]+/g) ?? [])];
    assert.match(text, new RegExp(`^Usage: holdfast ${words[1]}`), command);
    for (const flag of flags) assert.ok(known.includes(flag), `${command}: there is no ${flag}`);
  }
  if (words[0] === "npm" && words[1] === "run") {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
    assert.ok(scripts[words[2] ?? ""], command);
  }
}

describe("blocks that are marked to be run", { skip: hasCompose ? false : "Docker Compose is not installed" }, () => {
  const blocks = shell.filter((block) => block.marker.split(" ").includes("run"));
  for (const { page, line, text } of blocks) {
    test(`${page}:${line} must work`, async () => {
      const directory = mkdtempSync(join(tmpdir(), "hf-docs-"));
      try {
        const program = join(directory, "holdfast");
        writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`);
        chmodSync(program, 0o755);
        const person = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@a", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@a" };
        const environment = { ...person, PATH: `${directory}${delimiter}${process.env["PATH"]}`, HOME: directory };
        await runCommand(["sh", "-euc", text], { cwd: directory, environment });
        assert.ok(existsSync(join(directory, "infra/desired-state/fleet.yaml")));
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  }
  test("there must be some", () => assert.ok(blocks.length >= 3));
});

test("README.md must push a change to the demo as the demo itself says", () => {
  const block = shell.find((one) => one.page === "README.md" && one.marker === "demo");
  assert.equal(block?.text, PUSH_A_CHANGE.map(([, command]) => `${command}\n`).join(""));
});

describe("YAML in the pages", () => {
  const blocks = listBlocks().filter((block) => /^(fleet|host|stack|agent)\.yaml$/.test(block.marker));
  for (const { page, line, marker, text } of blocks) {
    test(`${page}:${line} must be a valid ${marker} that is fully supported`, () => {
      const kind = marker.replace(".yaml", "") as "fleet" | "host" | "stack" | "agent";
      const { findings } = openDocuments().parse(kind, marker, Buffer.from(text));
      assert.deepEqual(findings.map(renderFinding), []);
    });
  }
  test("there must be some", () => assert.ok(blocks.length >= 6));
});
