import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { connect } from "node:net";
import { readConfiguration } from "../../agent/commands/read-configuration.ts";
import { serveHttp } from "../../agent/commands/serve-http.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import type { Status } from "../../agent/model/generated/status.ts";
import type { Log } from "../../agent/ports.ts";
import { createMemory, type Memory } from "../../agent/reconcile/memory.ts";
import type { AgentApi } from "../../agent/server/agent-api.ts";
import type { HttpLimits } from "../../agent/server/open-http-server.ts";
import { openWarnings, type Warnings } from "../../agent/server/warnings.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { strict } from "../fakes/strict.ts";
import { createFakeClock, type FakeClock } from "../reconcile/fake-clock.ts";

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** What the agent serves, over real sockets, without an agent behind it. */
export interface Http {
  /** `http://127.0.0.1:41234`; rejects when it does not come to listen. */
  url(): Promise<string>;
  readonly memory: Memory;
  readonly warnings: Warnings;
  readonly clock: FakeClock;
  readonly log: readonly LogLine[];
  /** How often the repository was to be asked. */
  nudges(): number;
  /** What `GET /v1/status` tells; may throw. */
  status: () => Status;
  /** What else can be asked of the agent; whatever is not given throws. */
  readonly api: Partial<AgentApi>;
  ask(path: string, options?: AskOptions): Promise<Reply>;
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Certificate to trust. */
  readonly ca?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export const STATUS: Status = {
  host: "box",
  version: "1",
  healthy: true,
  stacks: [],
  holds: [],
  drift: [],
  findings: [],
  alerts: [],
};

/** Serves with these flags of `holdfast run`; a free port of the loopback address unless they say otherwise. */
export async function startHttp(
  flags: Readonly<Record<string, string>> = {},
  limits?: Partial<HttpLimits>,
  fake: Partial<AgentApi> = {},
): Promise<Http> {
  const configuration = await readConfiguration({
    documents: openDocuments(),
    environment: {},
    flags: { "repository-url": "https://git.lan/me/infra.git", listen: "127.0.0.1:0", ...flags },
  });
  const log: LogLine[] = [];
  const recorder = recordLog(log);
  const [memory, clock, warnings] = [createMemory(), createFakeClock(), openWarnings(recorder)];
  const stop = new AbortController();
  let nudges = 0;
  const nudge = (): boolean => {
    nudges += 1;
    return true;
  };
  const http: Http = {
    ...{ memory, warnings, clock, log, api: fake },
    nudges: () => nudges,
    status: () => STATUS,
    url: async () => String((await waitUntil("it listens", () => log.findLast(({ msg }) => msg === "listening")))["url"]),
    ask: async (path, options) => ask(await http.url(), path, options),
    async stop() {
      stop.abort();
      await serving;
    },
  };
  const api = strict<AgentApi>("the fake agent", { status: () => http.status(), ...http.api });
  const front = { warnings, api, status: api.status };
  const request = { configuration, loop: { nudge }, memory, front, clock, log: recorder, ...(limits && { limits }) };
  const serving = serveHttp(request, stop.signal);
  return http;
}

/** One request on a connection of its own. */
export function ask(url: string, path: string, options: AskOptions = {}): Promise<Reply> {
  const { method = options.body === undefined ? "GET" : "POST", headers = {}, body, ca } = options;
  const { hostname, port, protocol } = new URL(url);
  const request = protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: hostname.replace(/^\[|\]$/g, ""),
        port,
        path,
        method,
        headers: { ...headers } as Record<string, string>,
        agent: false,
        ca,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, body: Buffer.concat(pieces).toString() });
        });
      },
    );
    asking.on("error", reject);
    asking.end(body);
  });
}

/** Sends a text on a connection, and returns all that comes until the server closes it. */
export function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ""), () => socket.write(text));
    socket.setEncoding("latin1").on("data", (piece) => {
      received += piece;
    });
    // The server may close before it has read everything.
    socket.on("error", (cause: NodeJS.ErrnoException) => (cause.code === "ECONNREFUSED" ? reject(cause) : undefined));
    socket.on("close", () => resolve(received));
  });
}

function recordLog(lines: LogLine[]): Log {
  const write = (level: string) => (fields: object, msg: string) => void lines.push({ ...fields, level, msg });
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
