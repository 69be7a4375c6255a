import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../engine/open-engine.ts";
import { openSource } from "../git/open-source.ts";
import type { DesiredHost } from "../model/desired.ts";
import { hasErrors, renderFinding } from "../model/finding.ts";
import type { PlanReport } from "../model/generated/plan.ts";
import type { Plan } from "../model/plan.ts";
import { findReported } from "../plan/drift/find-reported.ts";
import type { Quarantine } from "../plan/health/choose-rollback.ts";
import { describeStep, renderPlan } from "../plan/render-plan.ts";
import type { Log, Store } from "../ports.ts";
import { assumeAccepted, holdRemovals, type RemovalHeld } from "../reconcile/converge/removals.ts";
import { createMemory } from "../reconcile/memory.ts";
import { keys } from "../reconcile/store-keys.ts";
import { planFit } from "../reconcile/tick.ts";
import { describeDrift } from "../server/describe-status.ts";
import { readStore } from "../state/read-store.ts";
import { type Output, printFindings } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";
import { systemClock } from "./system-clock.ts";
import { databaseOf, sourceOptions, wireDesire, wireDesirer } from "./wire.ts";
import { wireMachine } from "./wire-late.ts";

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** What `once` would do on this host now; changes nothing. Returns the exit code. */
export async function plan(configuration: Configuration, output: Output, signal: AbortSignal): Promise<number> {
  // A store of its own for Git: the agent's may be in use.
  const gitDirectory = await mkdtemp(join(tmpdir(), "holdfast-plan-"));
  const store = readStore(databaseOf(configuration));
  try {
    const source = openSource({ ...sourceOptions(configuration), gitDirectory: join(gitDirectory, "git") });
    const tip = await source.readTip(signal);
    await source.fetch(tip, signal);
    const objection = await source.judge(tip, store.read<string>(keys.accepted), signal);
    if (objection !== undefined) {
      printFindings([], output, objection);
      return 3;
    }
    const ports = wireDesire(configuration, source);
    const result = await wireDesirer(configuration, ports, store)(tip.revision, signal);
    if (!result.accepted) {
      printFindings(result.findings, output, result.reason);
      return 3;
    }
    const { desired } = result;
    const engine = openEngine({ socket: configuration.docker.socket });
    const held = await holdRemovals(desired, [], { source, store });
    // What would be logged stands in the plan.
    const observing = {
      ...ports,
      engine,
      store: assumeAccepted(desired, store),
      clock: systemClock,
      ...wireMachine(),
      log: SILENT,
    };
    const { plan: made } = await planFit(desired, observing, createMemory(), signal);
    const findings = desired.findings.map(renderFinding);
    const back = describeRolledBack(desired, store);
    if (output.format === "json") output.print(JSON.stringify(describePlan(made, back, tip.revision, findings), undefined, 2));
    else {
      printFindings(desired.findings, output);
      output.print(
        renderPlan(
          made,
          [...back].map(([stack, why]) => `${stack}: ${why}`),
        ).trimEnd(),
      );
      for (const line of describeInvalid(desired)) output.print(line);
      if (held !== undefined) output.print(describeHeld(held));
    }
    if (hasErrors(desired.findings)) return 3;
    return made.stacks.some((stack) => stack.steps.length > 0) ? 2 : 0;
  } finally {
    await rm(gitDirectory, { recursive: true, force: true });
  }
}

/** What is planned waits for somebody to confirm it. */
function describeHeld({ reason, stacks }: RemovalHeld): string {
  return `none of it is done as long as nobody confirms it: ${reason}\nto confirm it, push a commit with the line "Holdfast-Allow-Removal: ${stacks.join(", ")}", or run holdfast sync --allow-removal`;
}

/** Stacks of which the newest revision is not taken, and what stays instead. */
function describeInvalid({ invalid, stacks }: DesiredHost): string[] {
  return invalid.map((name) => {
    const good = stacks.find((stack) => stack.name === name)?.revision;
    return `${name}: invalid, ${good === undefined ? "and no earlier revision of it is known" : `stays at ${good.slice(0, 12)}`}`;
  });
}

/** By stack that is rolled back, what is in force instead of the newest revision and why. */
function describeRolledBack({ rolledBack, stacks }: DesiredHost, store: Pick<Store, "read">): Map<string, string> {
  return new Map(
    rolledBack.map((name) => {
      const good = stacks.find((stack) => stack.name === name)?.revision.slice(0, 12) ?? "what runs";
      const byHand = store.read<Quarantine>(keys.quarantine(name))?.byHand === true;
      const why = byHand ? "taken back by hand" : "it did not get healthy";
      return [
        name,
        `rolled back to ${good}, the newest revision is not in force: ${why}; \`holdfast sync ${name}\` tries it again`,
      ];
    }),
  );
}

function describePlan(made: Plan, back: ReadonlyMap<string, string>, revision: string, findings: string[]): PlanReport {
  // Its drift may be healed all the same.
  const resting = [...back].filter(([name]) => !made.stacks.some(({ stack }) => stack === name));
  return {
    host: made.host,
    revision,
    stacks: [
      ...made.stacks.map(({ stack, steps, held, stays }) => ({
        stack,
        ...(held === undefined ? {} : { held: held.text }),
        steps: steps.map((step) => ({
          action: step.action,
          text: describeStep(step),
          causes: step.causes.map(({ kind, text }) => ({ kind, text })),
        })),
        ...(stays === undefined ? {} : { stays: stays.map(({ what, remedy }) => ({ what, remedy })) }),
      })),
      ...resting.map(([stack, held]) => ({ stack, held, steps: [] })),
    ],
    drift: findReported(made).map(describeDrift),
    findings,
  };
}
