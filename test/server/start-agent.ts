import { randomBytes } from "node:crypto";
import { readConfiguration } from "../../agent/commands/read-configuration.ts";
import { serveHttp } from "../../agent/commands/serve-http.ts";
import { systemClock } from "../../agent/commands/system-clock.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import type { MetricFamily } from "../../agent/model/metric.ts";
import type { Clock, Log } from "../../agent/ports.ts";
import type { AgentApi } from "../../agent/server/agent-api.ts";
import { openAgentApi } from "../../agent/server/open-agent-api.ts";
import { openWarnings } from "../../agent/server/warnings.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { createFakeHost, type FakeHost } from "../reconcile/fake-host.ts";
import { type AskOptions, ask, type LogLine, type Reply } from "./start-http.ts";
import { writeSecret } from "./write-secret.ts";

/** What a host serves, over real sockets and by the agent's own decisions; only what is outside of the agent is made up. */
export interface ServedHost {
  readonly host: FakeHost;
  readonly api: AgentApi;
  /** `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly token: string;
  readonly log: readonly LogLine[];
  /** The clock of what is served: the host's, which stands still, with the time that really passes. */
  readonly clock: Clock;
  ask(path: string, options?: AskOptions): Promise<Reply>;
  /** The same with the token. */
  askWithToken(path: string, options?: AskOptions): Promise<Reply>;
  stop(): Promise<void>;
}

export interface ServedHostOptions {
  readonly name?: string;
  /** Time passes only where the test moves the host's clock. */
  readonly isTimeStill?: boolean;
  /** More flags of `holdfast run`; `"token-file": ""` for none. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly metrics?: () => Promise<readonly MetricFamily[]>;
}

/** Serves a host that knows nothing yet. */
export async function startAgent({
  name = "box",
  flags = {},
  metrics,
  isTimeStill = false,
}: ServedHostOptions = {}): Promise<ServedHost> {
  const host = createFakeHost({ host: name });
  const token = randomBytes(24).toString("hex");
  const given = {
    host: name,

    listen: "127.0.0.1:0",
    "repository-url": "https://git.lan/me/infra.git",
    "token-file": writeSecret(token),
    ...flags,
  };
  const configuration = await readConfiguration({
    documents: openDocuments(),
    environment: {},
    flags: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")),
  });
  const log: LogLine[] = [];
  const write = (level: string) => (fields: object, msg: string) => void log.push({ ...fields, level, msg });
  const recorder: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const stop = new AbortController();
  const startedAtMs = performance.now();
  const clock: Clock = { ...systemClock, nowMs: () => host.clock.nowMs() + (isTimeStill ? 0 : performance.now() - startedAtMs) };
  const warnings = openWarnings(recorder);
  const parts = { ports: { ...host.ports, clock }, memory: host.memory(), loop: host.loop(), alerting: host.alerting() };
  const api = openAgentApi({ host: name, version: "0.1.0", ...parts, history: host.history, warnings, signal: stop.signal });
  const front = { warnings, api, status: api.status };
  const request = {
    configuration,
    loop: host.loop(),
    memory: host.memory(),
    front,
    clock,
    log: recorder,
    ...(metrics === undefined ? {} : { metrics }),
  };
  const serving = serveHttp(request, stop.signal);
  const listening = await waitUntil("it listens", () => log.find(({ msg }) => msg === "listening"), { timeoutMs: 60_000 });
  const { port, protocol } = new URL(String(listening["url"]));
  const url = `${protocol}//127.0.0.1:${port}`;
  const authorization = `Bearer ${token}`;
  return {
    ...{ host, api, url, token, log, clock },
    ask: (path, options) => ask(url, path, options),
    askWithToken: (path, options = {}) => ask(url, path, { ...options, headers: { authorization, ...options.headers } }),
    async stop() {
      stop.abort();
      await serving;
    },
  };
}
