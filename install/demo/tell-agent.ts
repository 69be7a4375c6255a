import type { LogLine } from "./demo-agent.ts";
import type { Screen } from "./screen.ts";

/** Shows what the agent's log says that it does, and why, while it happens. */
export function tellAgent(screen: Screen): (line: LogLine) => void {
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
        screen.event(`${time}  ${stack} converged`, "green");
        break;
      case "stack rolled back: it did not get healthy":
        screen.event(`${time}  ${stack} rolled back to ${text(line["to"]).slice(0, 12)}: it did not get healthy`, "red");
        break;
      case "step failed":
        screen.event(`${time}  ${stack} failed: ${text(line["error"])}`, "red");
        break;
      case "revision accepted in part":
        screen.event(
          `${time}  revision ${text(line["revision"]).slice(0, 12)} read; not taken: ${list(line["invalid"]).join(", ")}`,
          "red",
        );
        for (const finding of list(line["findings"])) screen.event(`${" ".repeat(10)}${finding}`, "red");
        break;
      case "revision accepted":
        screen.event(`${time}  revision ${text(line["revision"]).slice(0, 12)} read`);
        break;
      case "revision rejected":
        screen.event(`${time}  revision ${text(line["revision"]).slice(0, 12)} rejected: ${text(line["reason"])}`, "red");
        for (const finding of list(line["findings"])) screen.event(`${" ".repeat(10)}${finding}`, "red");
        break;
      default:
    }
  };
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
