import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const EXAMPLE = join(import.meta.dirname, "../../desired-state");

/** The example fleet as it is committed; only where its alerts go is the test's. */
export function readExample(alertmanager: string): Record<string, string> {
  const files = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, "utf8");
      const name = `desired-state${path.slice(EXAMPLE.length)}`;
      return [name, name.endsWith("fleet.yaml") ? text.replace("http://alertmanager.lab.example:9093", alertmanager) : text];
    }),
  );
}
