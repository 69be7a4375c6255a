import { readFile } from "node:fs/promises";
import { withDeadline } from "../lib/with-deadline.ts";

const TIMEOUT_MS = 5_000;
/** The header has whole seconds. */
const HALF_A_SECOND_MS = 500;

/**
 * By how many milliseconds this machine's clock is ahead of that of an HTTP server, by one request without credentials whose answer may
 * be anything. Undefined when the server does not tell.
 */
export async function measureClock(url: URL, caFile: string | undefined, signal: AbortSignal): Promise<number | undefined> {
  try {
    const ca = caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") };
    const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
    return await withDeadline(TIMEOUT_MS, signal, async (limited) => {
      const startedAtMs = Date.now();
      const date = await new Promise<string | undefined>((resolve, reject) => {
        const asking = request(url.origin, { method: "HEAD", agent: false, signal: limited, ...ca }, (response) => {
          response.resume();
          resolve(response.headers.date);
        });
        asking.on("error", reject);
        asking.end();
      });
      const serverMs = Date.parse(date ?? "");
      return Number.isNaN(serverMs) ? undefined : (startedAtMs + Date.now()) / 2 - (serverMs + HALF_A_SECOND_MS);
    });
  } catch {
    return undefined;
  }
}
