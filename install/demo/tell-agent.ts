import type { LogLine } from "./demo-agent.ts";
import type { Screen } from "./screen.ts";

/** Shows what the agent's log says that it does, and why, while it happens. */
export function tellAgent(screen: Screen): (line: LogLine) => void {
  /** The agent accepts a revision anew when a stack of it is taken back; whoever watches has seen it read. */
  let lastRead = "";
  /** What stacks go back to, by name, until they are there. */
  const goingBack = new Map<string, string>();
  return (line) => {
    const time = new Date().toTimeString().slice(0, 8);
    const stack = text(line["stack"]).padEnd(7);
    switch (line.msg) {
      case "step":
        screen.event(`${time}  ${stack} ${text(line["step"])}`, "bold");
        for (const cause of Array.isArray(line["causes"]) ? line["causes"] : [])
          screen.event(`${" ".repeat(18)}because ${text(cause).replace(/^[a-z-]+: /, "")}`, "dim");
        break;
      case "stack converged":
        screen.event(`${time}  ${stack} ${tellConverged(line, goingBack)}`, "green");
        break;
      case "stack rolled back: it did not get healthy":
        goingBack.set(text(line["stack"]), text(line["to"]));
        screen.event(`${time}  ${stack} did not get healthy: goes back to ${shorten(line["to"])}`, "red");
        break;
      case "step failed":
        screen.event(`${time}  ${stack} failed: ${text(line["error"])}`, "red");
        break;
      case "revision accepted in part":
        lastRead = text(line["revision"]);
        screen.event(
          `${time}  revision ${shorten(line["revision"])} read; not taken: ${list(line["invalid"]).join(", ")}`,
          "red",
        );
        for (const finding of list(line["findings"])) screen.event(`${" ".repeat(10)}${finding}`, "red");
        break;
      case "revision accepted":
        if (lastRead !== text(line["revision"])) screen.event(`${time}  revision ${shorten(line["revision"])} read`);
        lastRead = text(line["revision"]);
        break;
      case "revision rejected":
        screen.event(`${time}  revision ${shorten(line["revision"])} rejected: ${text(line["reason"])}`, "red");
        for (const finding of list(line["findings"])) screen.event(`${" ".repeat(10)}${finding}`, "red");
        break;
      default:
    }
  };
}

function tellConverged(line: LogLine, goingBack: Map<string, string>): string {
  const to = goingBack.get(text(line["stack"]));
  if (to === undefined || to !== line["revision"]) return "converged";
  goingBack.delete(text(line["stack"]));
  return `converged: back at ${shorten(to)}`;
}

/** A revision as people read it. */
function shorten(revision: unknown): string {
  return text(revision).slice(0, 12);
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
