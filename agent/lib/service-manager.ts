import { write } from "node:fs";
import { promisify } from "node:util";
import { runCommand } from "./run-command.ts";

/** The systemd that runs this process as a service of `Type=notify`. */
export interface ServiceManager {
  /** How long it waits for `WATCHDOG=1`, milliseconds; undefined when it does not wait for any. */
  readonly watchdogMs?: number;
  /** Tells it lines of sd_notify(3), `READY=1` for example. Rejects when it does not get to know them. */
  tell(lines: readonly string[]): Promise<void>;
}

const FIRST_PASSED = 3;
const TIMEOUT_MS = 10_000;
const send = promisify(write);

/** Who wants to be told, by the environment that it gives its services; undefined when nobody does. */
export function findServiceManager(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): ServiceManager | undefined {
  const { NOTIFY_SOCKET: address, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched = String(pid) } = environment;
  if (!address) return undefined;
  const watchdogMs = watched === String(pid) ? Number(microseconds) / 1000 : Number.NaN;
  let passed = findPassed(environment, pid);
  return {
    ...(watchdogMs > 0 ? { watchdogMs } : {}),
    async tell(lines) {
      if (passed !== undefined) {
        try {
          await send(passed, lines.join("\n"));
          return;
        } catch {
          passed = undefined;
        }
      }
      await runNotify(address, lines);
    },
  };
}

/**
 * Node.js cannot send to a Unix datagram socket, but it can write to one that is connected already: systemd 253 and newer pass
 * it on, with `OpenFile=/run/systemd/notify:notify` in the unit. That costs 0.1 ms and starts no process.
 */
function findPassed(environment: Readonly<Record<string, string | undefined>>, pid: number): number | undefined {
  const { LISTEN_PID: receiver, LISTEN_FDNAMES: names = "" } = environment;
  const index = receiver === String(pid) ? names.split(":").indexOf("notify") : -1;
  return index < 0 ? undefined : FIRST_PASSED + index;
}

/** Older ones are told by their own command, for 6 ms of CPU; the unit has to say `NotifyAccess=all`. */
async function runNotify(address: string, lines: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand({
    ...{ command: "systemd-notify", args: lines, timeoutMs: TIMEOUT_MS, signal: new AbortController().signal },
    env: { NOTIFY_SOCKET: address, PATH: "/usr/local/bin:/usr/bin:/bin" },
  });
  if (exitCode !== 0) throw new Error(`systemd-notify: ${stderr.trim() || `exit code ${exitCode}`}`);
}
