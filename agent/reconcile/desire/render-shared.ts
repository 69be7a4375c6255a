import { hasErrors } from "../../model/finding.ts";
import { hostsOf } from "../../plan/desire/check-references.ts";
import { desireOne } from "./desire-host.ts";
import type { DesirePorts } from "./desire-stack.ts";
import type { FleetDocuments } from "./read-fleet.ts";

/** Rendering waits for a process most of the time. */
const SIDE_BY_SIDE = 4;

export interface SharedSide {
  readonly documents: FleetDocuments | undefined;
  readonly ports: DesirePorts;
}

/**
 * Renders side by side what several hosts share, which is remembered: the hosts, each in the order of its stacks, would wait for
 * one rendering after the other. `isUnchanged` leaves out what need not be rendered. What is wrong is found again, and told then.
 */
export async function renderShared(
  sides: readonly SharedSide[],
  isUnchanged: (stack: string, host: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const queue = sides.flatMap((side) => [...(side.documents?.stacks.keys() ?? [])].map((stack) => ({ ...side, stack }))).values();
  const work = async (): Promise<void> => {
    for (const { documents, ports, stack } of queue) {
      if (signal.aborted || documents === undefined || ports.shareRender === undefined) return;
      const document = documents.stacks.get(stack);
      const [first, second] = document === undefined ? [] : hostsOf(document, documents.hosts);
      const own = first === undefined ? undefined : documents.hosts.get(first);
      if (document === undefined || first === undefined || second === undefined || own === undefined) continue;
      if (hasErrors(documents.findings.filter((finding) => finding.stack === stack))) continue;
      if (await isUnchanged(stack, first)) continue;
      const nothing = { known: async () => undefined, applied: () => undefined };
      await desireOne(stack, first, own, documents, nothing, ports, signal).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
}
