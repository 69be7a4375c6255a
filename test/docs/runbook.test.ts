import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { listBlocks, ROOT, readPage } from "./read-pages.ts";

const PAGE = "docs/operations.md";
/** Programs that a host with Docker and systemd has, and their commands that the page may name. */
const PROGRAMS: Readonly<Record<string, RegExp>> = {
  holdfast: /./,
  docker: /^(?:ps|logs|events|info|system df|image prune)\b/,
  journalctl: /^-u holdfast\b/,
  systemctl: /^status\b/,
  git: /^(?:log|commit)\b/,
};

const source = readFileSync(join(ROOT, "agent/model/alert.ts"), "utf8");
const ofAgent = [...(/type AlertName =(.*?);/s.exec(source)?.[1] ?? "").matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
const file = parse(readFileSync(join(ROOT, "install/alerting/holdfast.rules.yaml"), "utf8")) as {
  groups: { rules: { alert: string }[] }[];
};
const ofPrometheus = file.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

describe("the runbook", () => {
  const headings = [...readPage(PAGE).matchAll(/^### (.*)$/gm)].map((match) => match[1] ?? "");

  test("must have exactly one section for each alert, of the agent and of Prometheus", () => {
    assert.equal(new Set([...ofAgent, ...ofPrometheus]).size, ofAgent.length + ofPrometheus.length, "a name means one thing");
    assert.deepEqual([...headings].sort(), [...ofAgent, ...ofPrometheus].sort());
  });

  test("must say in each section what to do, or where that stands", () => {
    for (const section of readPage(PAGE).split(/^### /m).slice(1))
      assert.match(section, /```sh|See\s\[|Make room|Put a new one/, section.split("\n")[0]);
  });

  test("must name only programs that a host has, with commands that they have", () => {
    const blocks = listBlocks().filter(({ page, language }) => page === PAGE && language === "sh");
    assert.ok(blocks.length > 15);
    for (const command of blocks.flatMap(({ text }) => text.trim().split("\n"))) {
      const [program = "", ...words] = command.split(" ");
      assert.match(words.join(" "), PROGRAMS[program] ?? /^$/, command);
      if (program === "journalctl") checkJournal(command);
    }
  });
});

/** What is looked for in the log is a message that the agent writes. */
function checkJournal(command: string): void {
  const message = /grep "(.*)"/.exec(command)?.[1];
  if (message === undefined) return;
  const [folder, name] = ["agent/reconcile", ["converge/record-outcomes.ts", "follow-source.ts", "tell/alert-channel.ts"]];
  assert.ok(
    name.some((one) => readFileSync(join(ROOT, folder, one), "utf8").includes(message)),
    command,
  );
}
