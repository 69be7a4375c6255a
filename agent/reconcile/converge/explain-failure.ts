import type { DesiredStack } from "../../model/desired.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import { judgeHealth } from "../../plan/health/check-readiness.ts";
import { maskOutput, maskStack } from "../../plan/masking/mask-stack.ts";
import type { Engine } from "../../ports.ts";
import type { Memory } from "../memory.ts";

const LOG_LINES = 10;
const LOGS_SHOWN = 2;

/** Why a stack did not get healthy, in a few lines: what is wrong with it, and the last lines of the containers that fail. */
export async function explainFailure(
  stack: DesiredStack,
  containers: readonly ObservedContainer[],
  { engine }: { readonly engine: Pick<Engine, "readLog" | "readStart"> },
  memory: Memory,
  signal: AbortSignal,
): Promise<string> {
  const failing = containers.filter((item) => judgeHealth(onlyThe(item, stack), [item]) !== "healthy");
  const crashing: { readonly container: ObservedContainer; readonly restarts: number }[] = [];
  for (const container of containers.filter((item) => !failing.includes(item))) {
    const start = await engine.readStart(container.id, signal).catch(() => undefined);
    if (start !== undefined && start.restarts > 0) crashing.push({ container, restarts: start.restarts });
  }
  const causes = [
    ...(memory.plan?.drift ?? []).filter((item) => item.stack === stack.name).map((item) => item.cause),
    ...crashing.map(
      ({ container, restarts }) => `container ${container.name} does not stay up: it was started again ${times(restarts)}`,
    ),
    ...describeProbes(stack, memory),
  ];
  const lines: string[] = [];
  for (const { id, name } of [...failing, ...crashing.map(({ container }) => container)].slice(0, LOGS_SHOWN)) {
    const log = await engine.readLog(id, LOG_LINES, signal).catch(() => []);
    const said = maskOutput(log.join("\n"), stack);
    if (said.length > 0) lines.push(`last lines of ${name}:`, ...said.map((line) => `  ${line}`));
  }
  const waiting = memory.waiting.get(stack.name);
  const fallback = waiting === undefined ? "its containers do not get healthy" : `waits until ${waiting.value}`;
  const [first = fallback, ...rest] = new Set(causes);
  const seconds = Math.round(stack.verifyTimeoutMs / 1000);
  return [maskStack([`${first} (after ${seconds} s)`, ...rest].join("\n"), stack), ...lines].join("\n");
}

function describeProbes({ name, probes }: DesiredStack, memory: Memory): string[] {
  const verdict = memory.probes.get(name)?.verdict;
  if (probes.length === 0 || verdict === undefined) return [];
  return verdict.reasons.map(({ probe, detail }) => `probe ${probe}: ${detail}`);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function onlyThe({ service }: ObservedContainer, stack: DesiredStack): DesiredStack {
  return { ...stack, services: stack.services.filter(({ name }) => name === service).map((item) => ({ ...item, replicas: 1 })) };
}
