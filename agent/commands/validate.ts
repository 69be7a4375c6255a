import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { openDirectory, WORKING_TREE } from "../git/open-directory.ts";
import { holdfastError } from "../model/error.ts";
import { type Finding, hasErrors, sortFindings } from "../model/finding.ts";
import { hostsOf } from "../plan/desire/check-references.ts";
import { desireOne } from "../reconcile/desire/desire-host.ts";
import type { DesirePorts } from "../reconcile/desire/desire-stack.ts";
import { readFleet } from "../reconcile/desire/read-fleet.ts";
import { locateDesiredState } from "./locate-desired-state.ts";
import { type Output, printFindings } from "./output.ts";
import { wireCheck } from "./wire.ts";

/** Checks a desired state as it stands in a directory, for every host. Returns the exit code: 0 valid, 3 not. */
export async function validate(directory: string, output: Output, signal: AbortSignal): Promise<number> {
  const { root, path } = await locateDesiredState(directory);
  const runtimeDir = await mkdtemp(join(tmpdir(), "holdfast-validate-"));
  try {
    const findings = await findAll(path, wireCheck(openDirectory(root), runtimeDir), signal);
    if (findings === undefined) {
      throw holdfastError("desired-state-invalid", `${resolve(directory)} holds no desired state`, {
        handling: "stalled",
        hint: "`holdfast init DIR` makes one",
      });
    }
    printFindings(findings, output);
    if (output.format === "text" && !hasErrors(findings)) output.print(`${path || basename(root)}: valid`);
    return hasErrors(findings) ? 3 : 0;
  } finally {
    await rm(runtimeDir, { recursive: true, force: true });
  }
}

/** Every finding of a desired state for every host; undefined when there is none at that path. */
async function findAll(path: string, ports: DesirePorts, signal: AbortSignal): Promise<Finding[] | undefined> {
  const documents = await readFleet(ports.source, ports.documents, WORKING_TREE, path);
  if (documents === undefined) return undefined;
  const findings: Finding[] = [...documents.findings];
  // Without the fleet's variables every stack would seem to lack them.
  const { fleet } = documents;
  const fleetFile = path === "" ? "fleet.yaml" : `${path}/fleet.yaml`;
  const fleetIsBroken = fleet === undefined && findings.some((finding) => finding.path === fleetFile);
  const request = { known: async () => undefined, applied: () => undefined };
  for (const [name, document] of documents.stacks) {
    for (const host of hostsOf(document, documents.hosts)) {
      const own = documents.hosts.get(host);
      if (own) findings.push(...(await desireOne(name, host, own, documents, request, ports, signal)).findings);
    }
  }
  return sortFindings(fleetIsBroken ? findings.filter((finding) => finding.rule !== "variable-undefined") : findings);
}
