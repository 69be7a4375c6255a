import { holdfastError } from "../model/error.ts";
import { hasErrors } from "../model/finding.ts";
import { mapStrings } from "../plan/desire/json.ts";
import { maskValues } from "../plan/masking/mask-values.ts";
import { desireOne } from "../reconcile/desire/desire-host.ts";
import type { DesirePorts } from "../reconcile/desire/desire-stack.ts";
import { readFleet } from "../reconcile/desire/read-fleet.ts";
import { type Output, printFindings } from "./output.ts";

export interface RenderRequest {
  readonly stack: string;
  readonly host: string;
  readonly revision: string;
  /** Path of the desired state in the repository. */
  readonly path: string;
}

/** The Compose model of one stack as it is converged on a host, with the values of host files masked. Returns the exit code. */
export async function render(request: RenderRequest, ports: DesirePorts, output: Output, signal: AbortSignal): Promise<number> {
  const { stack, host, revision, path } = request;
  const documents = await readFleet(ports.source, ports.documents, revision, path);
  const own = documents?.hosts.get(host);
  if (documents === undefined || own === undefined) throw missing("host", host, [...(documents?.hosts.keys() ?? [])]);
  if (!documents.stacks.has(stack) && !documents.brokenStacks.includes(stack))
    throw missing("stack", stack, [...documents.stacks.keys()]);
  const known = { known: async () => undefined, applied: () => undefined };
  const result = await desireOne(stack, host, own, documents, known, ports, signal);
  const findings = [
    ...documents.findings.filter((finding) => finding.stack === undefined || finding.stack === stack),
    ...result.findings,
  ];
  if (result.stack === undefined || hasErrors(findings)) {
    printFindings(findings, output);
    return 3;
  }
  const secrets = await readSecrets(documents.stacks.get(stack)?.value.hostEnvFiles ?? [], ports);
  // `$` stands doubled in a rendered model.
  const values = secrets.map((value) => value.replaceAll("$", "$$$$"));
  output.print(
    JSON.stringify(
      mapStrings(result.stack.model, (text) => maskValues(text, values)),
      undefined,
      2,
    ),
  );
  return 0;
}

async function readSecrets(names: readonly string[], { hostEnv, documents }: DesirePorts): Promise<string[]> {
  const values: string[] = [];
  for (const name of names) {
    const file = await hostEnv?.read(name);
    if (file !== undefined && "content" in file) values.push(...Object.values(documents.readEnv(file.content)));
  }
  return values;
}

function missing(what: string, name: string, names: readonly string[]): Error {
  return holdfastError("desired-state-invalid", `there is no ${what} "${name}" (${[...names].sort().join(", ") || "none"})`, {
    handling: "stalled",
  });
}
