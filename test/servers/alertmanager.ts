import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { findFreePort } from "./free-port.ts";
import { startServer } from "./start-server.ts";
import { createTemporaryDirectory } from "./temporary-directory.ts";

/** An alert as `GET /api/v2/alerts` gives it, as far as tests look at it. */
export interface ReceivedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly status: { readonly state: "unprocessed" | "active" | "suppressed" };
}

export interface AlertmanagerOptions {
  /** A fixed port, to come back where the last one was; free by default. */
  readonly port?: number;
  /** Alertmanager sends its notifications there, at once and without grouping. */
  readonly webhookUrl?: string;
  /** Labels that its notifications are grouped by; all of them by default. */
  readonly groupBy?: readonly string[];
  /** The executable; the installed one by default. */
  readonly program?: string;
}

const CACHE = process.env["HOLDFAST_TEST_CACHE"] ?? "/var/cache/holdfast-test";

/** The Alertmanagers that tests can run on this machine, by version, the installed one first. */
export async function listAlertmanagers(): Promise<ReadonlyMap<string, string>> {
  const newer = join(CACHE, "alertmanager-0.28.1", "prometheus-alertmanager");
  const programs = ["prometheus-alertmanager", ...(existsSync(newer) ? [newer] : [])];
  const versions = programs.map(async (program): Promise<[string, string]> => {
    const { stdout, stderr } = await runCommand([program, "--version"]);
    return [/version (\S+)/.exec(stdout + stderr)?.[1] ?? "unknown", program];
  });
  return new Map(await Promise.all(versions));
}

export interface Alertmanager {
  readonly url: string;
  readonly port: number;
  /** The alerts that it holds: those that fire. Resolved ones leave the list. */
  alerts(): Promise<ReceivedAlert[]>;
  stop(): Promise<void>;
}

function describeConfiguration({ webhookUrl, groupBy = ["..."] }: AlertmanagerOptions): string {
  const receiver = webhookUrl === undefined ? { name: "test" } : { name: "test", webhook_configs: [{ url: webhookUrl }] };
  // JSON is YAML: nothing has to be quoted by hand.
  return JSON.stringify({
    route: { receiver: "test", group_by: groupBy, group_wait: "0s", group_interval: "1s", repeat_interval: "1h" },
    receivers: [receiver],
  });
}

/** Starts the real Alertmanager with its data in a temporary directory and waits until it is ready. */
export async function startAlertmanager(options: AlertmanagerOptions = {}): Promise<Alertmanager> {
  const directory = createTemporaryDirectory("hf-alertmanager-");
  const port = options.port ?? (await findFreePort());
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(directory, "config.yaml"), describeConfiguration(options));
  const { stop } = await startServer({
    ...{ name: "Alertmanager", directory },
    argv: [
      options.program ?? "prometheus-alertmanager",
      `--config.file=${join(directory, "config.yaml")}`,
      `--storage.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    findReady: async () => (await fetch(`${url}/-/ready`)).ok || undefined,
  });
  return {
    url,
    port,
    stop,
    alerts: async () => {
      const response = await fetch(`${url}/api/v2/alerts`);
      if (!response.ok) throw new Error(`Alertmanager answered ${response.status}`);
      return (await response.json()) as ReceivedAlert[];
    },
  };
}
