import type { DesiredStack } from "../../model/desired.ts";
import type { Finding } from "../../model/finding.ts";
import type { KeptRevision } from "../../model/kept.ts";
import type { AppliedStack } from "../../plan/applied-stack.ts";
import { pinImages } from "../../plan/desire/pin-images.ts";
import type { Quarantine } from "../../plan/health/choose-rollback.ts";
import type { Source } from "../../ports.ts";
import type { DesirePorts } from "./desire-stack.ts";
import { findTrusted } from "./find-trusted.ts";
import type { FleetDocuments } from "./read-fleet.ts";

export interface KeptRequest {
  readonly applied: AppliedStack | undefined;
  readonly quarantine: Quarantine | undefined;
  /** Reads the stack at a revision from a source, as if this were applied. */
  readonly desireAt: (revision: string, applied: AppliedStack, source: Source) => Promise<DesiredStack | undefined>;
}

/** The stack as it was verified: the revision that its quarantine names, else the last one; or why there is none, as a finding. */
export async function desireKept(
  name: string,
  { stacks, path }: FleetDocuments,
  { applied, quarantine, desireAt }: KeptRequest,
  ports: DesirePorts,
  signal: AbortSignal,
): Promise<{ readonly stack?: DesiredStack; readonly findings: readonly Finding[] }> {
  const { kept, source } = ports;
  if (kept === undefined) return { findings: [] };
  const { trusted, objections } = await findTrusted(name, { kept, source }, signal);
  const others = trusted.filter(({ inputs }) => inputs !== quarantine?.inputs);
  const revision = others.find(({ inputs }) => inputs === quarantine?.to) ?? others[0];
  const lost = (why: string): { readonly findings: readonly Finding[] } => {
    const document = stacks.get(name);
    const at =
      document === undefined
        ? { path: `${path}/stacks/${name}/stack.yaml`, line: 1, column: 1 }
        : { path: document.path, ...document.locate([]) };
    const message = `the newest revision is quarantined, and there is nothing to go back to: ${why}; what runs is left as it is`;
    return { findings: [{ ...at, message, rule: "nothing-to-go-back-to", severity: "error", stack: name }] };
  };
  if (revision === undefined) return lost(objections.length > 0 ? objections.join("; ") : "no other revision of it is kept here");
  const stack = await desireAt(revision.revision, carryKept(revision, applied), kept.open(revision));
  if (stack === undefined) return lost(`what was kept of ${revision.revision.slice(0, 12)} cannot be read`);
  // Hooks bring data forward; going back is not what they were written for.
  return { stack: { ...pinImages(stack, revision.images), hooks: [] }, findings: [] };
}

/** What did not change since then keeps its containers: they carry the digests of then. */
function carryKept({ inputs, revision, digests }: KeptRevision, applied: AppliedStack | undefined): AppliedStack {
  if (applied?.inputs === inputs) return applied;
  const services = Object.entries(digests).map(([name, digest]) => [name, { digest, fields: {}, files: {} }] as const);
  return { inputs, revision, services: Object.fromEntries(services) };
}
