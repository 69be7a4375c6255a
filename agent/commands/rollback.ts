import type { RollbackAnswer } from "../server/agent-api.ts";
import { askRunningAgent } from "./ask-running-agent.ts";
import type { Output } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";
import { socketOf } from "./wire.ts";

/** Has the agent take a stack back to a verified revision. Returns the exit code: 0 when it is there, 1 when a step failed. */
export async function rollback(
  configuration: Configuration,
  stack: string,
  to: string | undefined,
  output: Output,
): Promise<number> {
  const { revision, lifted, result, failed } = await askRunningAgent<RollbackAnswer>(
    {
      path: socketOf(configuration),
      method: "POST",
      url: `/v1/stacks/${encodeURIComponent(stack)}/rollback`,
      body: to === undefined ? {} : { to },
    },
    { hint: "it is what goes back" },
  );
  const short = revision.slice(0, 12);
  const forward = `${stack} is let try its newest revision ${short} again`;
  output.print(lifted ? forward : `${stack} is taken back to ${short}, until something that makes it changes`);
  if (failed.includes(stack)) {
    output.complain(`${stack} does not get healthy there${lifted ? "" : " either"}; \`holdfast status\` says why`);
    return 1;
  }
  if (result !== "failed") return 0;
  output.complain("a step failed; `holdfast status` says which");
  return 1;
}
