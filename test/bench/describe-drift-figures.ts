import { judge, ms, type Row } from "./describe-figures.ts";
import type { AuditFigures } from "./measure-audit.ts";
import type { DriftFigures } from "./measure-drift.ts";

const AUDIT_REQUESTS = 4;
/** For 20 stacks of 3 services, and for 200 of 5. */
const AUDIT_CPU_MS = 10;
const LARGE_AUDIT_CPU_MS = 150;
const HEALING_MS = 1_000;

/** The table of `npm run bench -- drift`. */
export function describeDriftFigures(figures: DriftFigures): Row[] {
  const { audit, large, healingMs, healedMs, startMs, loopCpuMs, loopRequests, loopHealedMs } = figures;
  const of = nameHost(audit);
  return [
    {
      ...row(`${of}: requests to the engine of a poll that finds nothing`, String(audit.pollRequests), `${UP} ${loopRequests}`),
      ...judge("0", audit.pollRequests === 0),
    },
    ...describeAudit(audit, AUDIT_CPU_MS, [UP, loopCpuMs]),
    {
      ...row(`${of}: from a removed container to the request that creates it`, ms(healingMs)),
      ...judge(`≤ ${ms(HEALING_MS)}`, healingMs <= HEALING_MS),
    },
    {
      ...row(`${of}: until it runs again`, ms(healedMs), `${UP} ${ms(loopHealedMs)}, at its turn`, share(healedMs, loopHealedMs)),
      // What the engine itself takes to make a container is not the agent's.
      ...judge(`≤ ${ms(HEALING_MS)} + \`docker run\``, healedMs <= HEALING_MS + startMs),
    },
    row(`${of}: \`docker run\` of such a container`, "", ms(startMs)),
    ...describeAudit(large, LARGE_AUDIT_CPU_MS),
  ];
}

const UP = "`docker compose up` of all";
const INSPECT = "`docker ps` and `inspect` of all";

function describeAudit(audit: AuditFigures, budgetMs: number, beside?: readonly [string, number]): Row[] {
  const of = nameHost(audit);
  const { requests, cpuMs, missedRequests, missedCpuMs, inspectCpuMs, containers } = audit;
  const others = [...(beside === undefined ? [] : [beside]), [INSPECT, inspectCpuMs] as const];
  return [
    {
      ...row(`${of}: requests of a look at everything, every 15 minutes`, String(requests), `${INSPECT} ${containers + 1}`),
      ...judge(`≤ ${AUDIT_REQUESTS}`, requests <= AUDIT_REQUESTS),
    },
    {
      ...row(
        `${of}: CPU of a look at everything`,
        ms(cpuMs),
        others.map(([what, otherMs]) => `${what} ${ms(otherMs)}`).join(", "),
        others.map(([, otherMs]) => share(cpuMs, otherMs)).join(", "),
      ),
      ...judge(`≤ ${ms(budgetMs)}`, cpuMs <= budgetMs),
    },
    // No list tells limits: whoever has not heard of each change has to look into each container.
    {
      ...row(
        `${of}: requests of the look at the start, or after an engine's restart`,
        String(missedRequests),
        `${INSPECT} ${containers + 1}`,
      ),
      ...judge(`≤ ${AUDIT_REQUESTS}`, missedRequests <= AUDIT_REQUESTS),
    },
    {
      ...row(`${of}: CPU of that one`, ms(missedCpuMs), `${INSPECT} ${ms(inspectCpuMs)}`, share(missedCpuMs, inspectCpuMs)),
      ...judge(`≤ ${ms(budgetMs)}`, missedCpuMs <= budgetMs),
    },
  ];
}

function nameHost({ stacks, containers }: AuditFigures): string {
  return `${stacks} stacks of ${containers / stacks}`;
}

function row(figure: string, holdfast: string, loop = "", ratio = ""): Row {
  return { figure, holdfast, loop, ratio, budget: "" };
}

function share(one: number, other: number): string {
  return one < other ? `1/${Math.round(other / one)}` : `${(one / other).toFixed(2)} ×`;
}
