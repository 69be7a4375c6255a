import type { DesiredHost } from "../../model/desired.ts";
import { toHoldfastError } from "../../model/error.ts";
import type { Plan } from "../../model/plan.ts";
import { type HostFound, type HostNeeds, type PreflightFinding, renderPreflightFinding } from "../../model/preflight.ts";
import type { Attempt } from "../../plan/backoff.ts";
import { planDirectories } from "../../plan/plan-directories.ts";
import { checkRequirements } from "../../plan/preflight/check-requirements.ts";
import type { InRange } from "../../plan/preflight/check-requires.ts";
import { createsContainers, holdUnfit } from "../../plan/preflight/hold-unfit.ts";
import { listNeededFacts } from "../../plan/preflight/list-needed-facts.ts";
import type { Machine } from "../../ports/machine.ts";
import type { Clock, Compose, Engine, Log, Placer, Store } from "../../ports.ts";
import type { Memory } from "../memory.ts";
import { keys } from "../store-keys.ts";

export interface PreflightPorts {
  readonly machine: Machine;
  readonly engine: Pick<Engine, "info" | "survey" | "imagePlatform">;
  readonly compose: Pick<Compose, "version">;
  readonly placer: Pick<Placer, "directoryOf">;
  readonly store: Pick<Store, "read">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
  /** Loads what knows versions. */
  readonly loadRanges: () => Promise<InRange>;
}

/** While a stack waits for an image or another stack, its host is not looked at twice a second. */
const FACTS_MS = 10_000;

/**
 * Looks whether the host has what the stacks need that are to get containers, holds those that it is not fit for, and plans the
 * directories that are missing. The findings stay in the memory until the next look.
 */
export async function checkPreflight(
  plan: Plan,
  desired: DesiredHost,
  ports: PreflightPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<Plan> {
  const names = plan.stacks.filter(createsContainers).map(({ stack }) => stack);
  const needs = describeNeeds(plan, desired, new Set(names), ports.placer);
  const found = await findFacts(needs, new Set(names), desired, ports, memory, signal);
  if (found === undefined) return plan;
  const all = checkRequirements(needs, found, await ports.loadRanges());
  const findings = all.filter(({ stack }) => stack === undefined || names.includes(stack));
  tell(findings, memory, ports.log);
  memory.preflight = findings;
  const attempts = new Map(names.map((name) => [name, ports.store.read<Attempt[]>(keys.attempts(name)) ?? []]));
  const nowMs = ports.clock.nowMs();
  return planDirectories(holdUnfit(plan, findings), { desired, machine: found.machine, attempts, nowMs });
}

/** All that the host has to bear; what a stack asks for that stays as it is matters to nobody now. */
function describeNeeds(
  { stacks: plans }: Plan,
  { platform, requires, stacks }: DesiredHost,
  creating: ReadonlySet<string>,
  { directoryOf }: Pick<Placer, "directoryOf">,
): HostNeeds {
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(requires === undefined ? {} : { requires }),
    stacks: stacks.map((stack) => ({
      ...{ name: stack.name, model: stack.model, composeVersion: stack.composeVersion, root: directoryOf(stack.name) },
      ...(stack.requires === undefined || !creating.has(stack.name) ? {} : { requires: stack.requires }),
    })),
    leaving: plans.map(({ stack }) => stack).filter((name) => !stacks.some((stack) => stack.name === name)),
  };
}

/** What has to be known of the host; undefined when the machine cannot be looked at, which is no reason to leave it as it is. */
async function findFacts(
  needs: HostNeeds,
  creating: ReadonlySet<string>,
  desired: DesiredHost,
  { machine, engine, compose, clock, log }: PreflightPorts,
  memory: Memory,
  signal: AbortSignal,
): Promise<HostFound | undefined> {
  const key = JSON.stringify([desired.revision, desired.stacks.map(({ inputs }) => inputs)]);
  const nowMs = clock.nowMs();
  const known = memory.preflightFacts;
  const isFresh = known?.key === key && nowMs - known.atMs < FACTS_MS && [...creating].every((name) => known.stacks.has(name));
  if (isFresh) return known.found;
  const asked = listNeededFacts({ ...needs, stacks: needs.stacks.filter(({ name }) => creating.has(name)) });
  const info = await engine.info(signal);
  const usage = await engine.survey(signal);
  const platforms: [string, string][] = [];
  for (const image of asked.images) {
    const platform = await engine.imagePlatform(image, signal);
    if (platform !== undefined) platforms.push([image, platform]);
  }
  try {
    const composeVersion = await compose.version(signal);
    const facts = await machine.read(asked.machine, signal);
    const found = { machine: facts, engine: info, usage, composeVersion, imagePlatforms: Object.fromEntries(platforms) };
    memory.preflightFacts = { key, stacks: creating, atMs: nowMs, found };
    return found;
  } catch (cause) {
    if (signal.aborted) throw cause;
    log.warn({ error: toHoldfastError(cause).message }, "the host's requirements cannot be checked");
    return undefined;
  }
}

/** Each finding is logged when it appears. */
function tell(findings: readonly PreflightFinding[], { preflight = [], preflightTold }: Memory, log: Log): void {
  const before = new Set(preflight.map(renderPreflightFinding));
  for (const finding of findings) {
    const line = renderPreflightFinding(finding);
    const { stack } = finding;
    if (finding.severity === "error" && !before.has(line)) log.error({ stack, finding: line }, "the host lacks what is needed");
    if (finding.severity === "warning" && !preflightTold.has(line))
      log.warn({ stack, finding: line }, "the host may lack what is needed");
    if (finding.severity === "warning") preflightTold.add(line);
  }
}
