import { request } from "node:http";
import { type ErrorCode, holdfastError } from "../model/error.ts";
import type { Status } from "../model/generated/status.ts";

export interface AgentRequest {
  /** Of the agent's Unix socket. */
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** For the whole answer; without it, as long as it takes. */
  readonly timeoutMs?: number;
  /** Called with each line of an answer that is made of several; the last one is what is returned. */
  readonly onLine?: (line: unknown) => void;
}

const TIMEOUT_MS = 5_000;

/** Asks the agent behind a socket for its status; rejects when none answers, or what answers is no agent. */
export function readStatus(path: string, timeoutMs = TIMEOUT_MS): Promise<Status> {
  return askAgent<Status>({ path, method: "GET", url: "/v1/status", timeoutMs });
}

/** Whether an error of `askAgent` says that there is no agent, rather than one that refuses or fails. */
export function isNobodyThere(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && ["ENOENT", "ECONNREFUSED"].includes(String(cause.code));
}

/**
 * Asks the agent behind a socket. Rejects with a Holdfast error for what the agent refuses, in its words, and with whatever Node.js
 * says when nobody answers, or what answers is no agent.
 */
export function askAgent<T>({ path, method, url, body, timeoutMs, onLine }: AgentRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const asking = request({ socketPath: path, path: url, method, headers }, (response) => {
      const lines = splitLines(onLine);
      response.setEncoding("utf8").on("data", lines.take);
      response.on("error", fail);
      response.on("end", () => {
        clearTimeout(timer);
        try {
          if (response.statusCode !== 200) throw describeRefusal(response.statusCode, lines.last());
          resolve(JSON.parse(lines.last()) as T);
        } catch (cause) {
          reject(cause);
        }
      });
    });
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => asking.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const fail = (cause: unknown): void => {
      clearTimeout(timer);
      reject(cause);
    };
    asking.on("error", fail);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Takes text as it comes; the last line is the answer, whether a line feed follows it or not. */
function splitLines(onLine: ((line: unknown) => void) | undefined) {
  let rest = "";
  let whole = "";
  return {
    take(chunk: string): void {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        whole = line;
        if (onLine !== undefined) tell(line, onLine);
      }
    },
    last: () => (rest === "" ? whole : rest),
  };
}

// What is no JSON is found at the end, where it can be told.
function tell(line: string, onLine: (line: unknown) => void): void {
  try {
    onLine(JSON.parse(line));
  } catch {
    return;
  }
}

function describeRefusal(statusCode: number | undefined, text: string): Error {
  const { error, hint } = readRefusal(text);
  if (error === undefined) return new Error(`status ${statusCode}: ${text}`);
  const code: ErrorCode =
    statusCode === 404 ? "desired-state-invalid" : statusCode === 400 ? "configuration-invalid" : "state-failed";
  return holdfastError(code, error, { handling: "stalled", ...(hint === undefined ? {} : { hint }) });
}

function readRefusal(text: string): { readonly error?: string; readonly hint?: string } {
  try {
    return JSON.parse(text) as { error?: string; hint?: string };
  } catch {
    return {};
  }
}
