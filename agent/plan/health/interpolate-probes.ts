import { splitHostPort } from "../../lib/ip-address.ts";
import type { Variables } from "../../model/desired.ts";
import type { Pointer } from "../../model/document.ts";
import type { Stack } from "../../model/generated/stack.ts";
import { parseDuration } from "../../model/parse-duration.ts";
import type { HttpProbe, Probe } from "../../model/probe.ts";
import { interpolateText } from "../desire/interpolate-text.ts";

type Written = NonNullable<NonNullable<Stack["verify"]>["probes"]>[number];

export interface ProbesRequest {
  /** `verify.probes` of stack.yaml. */
  readonly probes: readonly Written[];
  readonly variables: Variables;
  /** Names of the stack's services. */
  readonly services: readonly string[];
}

export interface InterpolatedProbes {
  /** Those without a problem, in their order. */
  readonly probes: readonly Probe[];
  readonly problems: readonly ProbeProblem[];
}

export interface ProbeProblem {
  /** Where it stands in stack.yaml. */
  readonly pointer: Pointer;
  /** What is wrong and what would be right, in one line. */
  readonly message: string;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DNS_PORT = 53;

/** A stack's probes with their variables filled in, and everything that is wrong with them. */
export function interpolateProbes({ probes, variables, services }: ProbesRequest): InterpolatedProbes {
  const results = probes.map((written, index) => readProbe(written, index, variables, services));
  return {
    probes: results.flatMap(({ probe, problems }) => (probe === undefined || problems.length > 0 ? [] : [probe])),
    problems: results.flatMap(({ problems }) => problems),
  };
}

function readProbe(written: Written, index: number, variables: Variables, services: readonly string[]) {
  const problems: ProbeProblem[] = [];
  const kind = (Object.keys(written)[0] ?? "") as keyof Written;
  const report = (key: string, message: string): void => {
    problems.push({ pointer: ["verify", "probes", index, kind, ...(key === "" ? [] : [key])], message });
  };
  const fill = (key: string, text: string): string => {
    const result = interpolateText(text, variables);
    if ("text" in result) return result.text;
    report(key, result.problem);
    return "";
  };
  const know = (service: string): void => {
    if (services.includes(service)) return;
    const names = [...services].sort().join(", ");
    report("service", `there is no service "${service}" (services: ${names || "none"})`);
  };
  return { probe: makeProbe(written, { report, fill, know }), problems };
}

interface Reading {
  readonly report: (key: string, message: string) => void;
  readonly fill: (key: string, text: string) => string;
  readonly know: (service: string) => void;
}

function makeProbe({ http, tcp, dns, exec }: Written, { report, fill, know }: Reading): Probe | undefined {
  const timeoutMs = parseDuration((http ?? tcp ?? dns ?? exec)?.timeout ?? "") ?? DEFAULT_TIMEOUT_MS;
  if (http !== undefined) {
    const target = readTarget(http, { report, fill, know });
    const { status, contains } = http;
    const expected = { ...(status === undefined ? {} : { status }), ...(contains === undefined ? {} : { contains }) };
    return target === undefined ? undefined : { kind: "http", target, ...expected, timeoutMs };
  }
  if (tcp !== undefined) {
    const address = fill("address", tcp.address);
    const parts = splitHostPort(address);
    if (parts === undefined && address !== "")
      report("address", `expected a host and a port such as 127.0.0.1:443, found "${address}"`);
    return parts === undefined ? undefined : { kind: "tcp", ...parts, timeoutMs };
  }
  if (dns !== undefined) {
    const [server, name] = [fill("server", dns.server), fill("name", dns.name)];
    const parts = splitHostPort(server, DNS_PORT);
    if (parts === undefined && server !== "")
      report("server", `expected an address such as 127.0.0.1 or [::1]:5353, found "${server}"`);
    if (parts === undefined || name === "") return undefined;
    return { kind: "dns", server: parts.host, port: parts.port, name, type: dns.type ?? "A", timeoutMs };
  }
  if (exec === undefined) return undefined;
  // What a container's own shell is given is not ours to fill in.
  know(exec.service);
  return { kind: "exec", service: exec.service, command: exec.command, timeoutMs };
}

function readTarget(http: NonNullable<Written["http"]>, { report, fill, know }: Reading): HttpProbe["target"] | undefined {
  if (http.service !== undefined) {
    know(http.service);
    if (http.port === undefined) report("service", "port is missing: name the port of the container");
    return http.port === undefined ? undefined : { service: http.service, port: http.port, path: http.path ?? "/" };
  }
  if (http.url === undefined) {
    report("", "expected url, or service and port");
    return undefined;
  }
  for (const key of ["port", "path"] as const)
    if (http[key] !== undefined) report(key, `${key} belongs to service; with url, write it there`);
  const url = fill("url", http.url);
  if (url === "" || (/^https?:\/\//i.test(url) && URL.canParse(url))) return url === "" ? undefined : { url };
  report("url", `expected an http:// or https:// URL, found "${url}"`);
  return undefined;
}
