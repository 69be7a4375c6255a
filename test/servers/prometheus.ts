import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "./free-port.ts";
import { startServer } from "./start-server.ts";
import { createTemporaryDirectory } from "./temporary-directory.ts";

export interface PrometheusOptions {
  /** `127.0.0.1:9616`, scraped every second as job `holdfast`. */
  readonly targets: readonly string[];
  /** Absolute paths. */
  readonly ruleFiles?: readonly string[];
  readonly tokenFile?: string;
}

/** One series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [timeSeconds: number, value: string];
}

export interface Prometheus {
  readonly url: string;
  /** What an expression is now; throws with Prometheus's own words. */
  query(expression: string): Promise<readonly Series[]>;
  /** Its API, by the path below `/api/v1/`. */
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts the real Prometheus with its data in a temporary directory and waits until it is ready. */
export async function startPrometheus({ targets, ruleFiles = [], tokenFile }: PrometheusOptions): Promise<Prometheus> {
  const directory = createTemporaryDirectory("hf-prometheus-");
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const configPath = join(directory, "prometheus.yaml");
  const job = {
    ...{ job_name: "holdfast", static_configs: [{ targets }] },
    ...(tokenFile === undefined ? {} : { authorization: { credentials_file: tokenFile } }),
  };
  const global = { scrape_interval: "1s", evaluation_interval: "1s" };
  // JSON is YAML: nothing has to be quoted by hand.
  writeFileSync(configPath, JSON.stringify({ global, rule_files: ruleFiles, scrape_configs: [job] }));
  const { stop } = await startServer({
    ...{ name: "Prometheus", directory },
    argv: [
      "prometheus",
      `--config.file=${configPath}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    findReady: async () => (await fetch(`${url}/-/ready`)).ok || undefined,
  });
  const get = async (path: string): Promise<unknown> => {
    const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== "success") throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    ...{ url, stop, get },
    async query(expression) {
      const data = (await get(`query?query=${encodeURIComponent(expression)}`)) as { result: readonly Series[] };
      return data.result;
    },
  };
}
