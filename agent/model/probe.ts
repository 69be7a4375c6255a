import type { ObservedContainer } from "./observed.ts";

export type DnsRecordType = "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SRV" | "TXT";

/** One check of something that a stack must do, with its variables filled in. Times in milliseconds. */
export type Probe = HttpProbe | TcpProbe | DnsProbe | ExecProbe;

export interface HttpProbe {
  readonly kind: "http";
  /** An address, or a port of every container of a service, asked at the container's own address. */
  readonly target: { readonly url: string } | { readonly service: string; readonly port: number; readonly path: string };
  /** Any 2xx when absent. Redirects are not followed. */
  readonly status?: number;
  readonly contains?: string;
  readonly timeoutMs: number;
}

export interface TcpProbe {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

export interface DnsProbe {
  readonly kind: "dns";
  /** Address or name of the server. */
  readonly server: string;
  readonly port: number;
  readonly name: string;
  readonly type: DnsRecordType;
  readonly timeoutMs: number;
}

export interface ExecProbe {
  readonly kind: "exec";
  readonly service: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** What a probe looks at besides what it names itself. */
export interface ProbeTarget {
  /** The containers of its stack. */
  readonly containers: readonly ObservedContainer[];
}

/** What came of a probe. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly durationMs: number;
  /** What was expected and what came, in one line; may hold what the other side wrote. */
  readonly detail: string;
}

/** A probe as people read it, without credentials: `http ollama:11434/api/tags`. */
export function describeProbe(probe: Probe): string {
  switch (probe.kind) {
    case "http":
      return `http ${"url" in probe.target ? withoutCredentials(probe.target.url) : `${probe.target.service}:${probe.target.port}${probe.target.path}`}`;
    case "tcp":
      return `tcp ${joinHostPort(probe.host, probe.port)}`;
    case "dns":
      return `dns ${probe.name} ${probe.type} at ${probe.port === 53 ? probe.server : joinHostPort(probe.server, probe.port)}`;
    case "exec":
      return `exec ${probe.service}: ${probe.command.join(" ")}`;
    default:
      return probe satisfies never;
  }
}

/** `10.0.0.1:53`, `[::1]:53`. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function withoutCredentials(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#]*@/i, "$1");
}
