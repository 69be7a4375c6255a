import type { Command } from "commander";
import type { Status } from "../model/generated/status.ts";
import { askAgent } from "../server/ask-agent.ts";
import type { Output } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";
import { suggestWords } from "./suggest-words.ts";
import { socketOf } from "./wire.ts";

const TIMEOUT_MS = 1_000;

/** Prints what can stand where somebody pressed TAB: `word<tab>what it is` per line, and `:paths` where paths belong. */
export async function complete(
  program: Command,
  line: readonly string[],
  output: Output,
  configure: () => Promise<Configuration>,
): Promise<void> {
  const { words, also } = suggestWords(program, line);
  const stacks = also === "stacks" ? await listStacks(configure) : [];
  const typed = line.at(-1) ?? "";
  for (const { value, about } of [...words, ...stacks])
    if (typed === "=" || value.startsWith(typed)) output.print(`${value}\t${about}`);
  if (also === "paths") output.print(":paths");
}

/** The stacks of this host; none when no agent answers, since nobody wants an error while typing. */
async function listStacks(configure: () => Promise<Configuration>): Promise<{ value: string; about: string }[]> {
  try {
    const path = socketOf(await configure());
    const { stacks } = await askAgent<Status>({ path, method: "GET", url: "/v1/status", timeoutMs: TIMEOUT_MS });
    return stacks.map(({ name, state }) => ({ value: name, about: state }));
  } catch {
    return [];
  }
}
