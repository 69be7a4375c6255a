import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const EXAMPLE = join(import.meta.dirname, "../../desired-state");

/** The engines of the example's hosts are this machine's, whatever the hosts are. */
const PLATFORM = `platform: linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;

/** The example fleet as it is committed; only where its alerts go, and which platform its hosts have, is the test's. */
export function readExample(alertmanager: string): Record<string, string> {
  const files = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, "utf8");
      const name = `desired-state${path.slice(EXAMPLE.length)}`;
      if (name.startsWith("desired-state/hosts/")) return [name, text.replace(/^platform: .*$/m, PLATFORM)];
      return [name, name.endsWith("fleet.yaml") ? text.replace("http://alertmanager.lab.example:9093", alertmanager) : text];
    }),
  );
}
