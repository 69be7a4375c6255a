import { judge, ms, type Row } from "./describe-figures.ts";
import type { DriftFigures } from "./measure-drift.ts";

/** For 20 stacks of 3 services. */
const AUDIT_REQUESTS = 4;
const HEALING_MS = 1_000;

/** The table of `npm run bench -- drift`. */
export function describeDriftFigures(figures: DriftFigures): Row[] {
  const { stacks, containers, pollRequests, auditRequests, auditCpuMs, healingMs, healedMs, loopCpuMs, loopHealedMs } = figures;
  const of = `${stacks} stacks of ${containers / stacks}`;
  const row = (figure: string, holdfast: string, loop = "", ratio = ""): Row => ({ figure, holdfast, loop, ratio, budget: "" });
  const share = (one: number, other: number): string =>
    one < other ? `1/${Math.round(other / one)}` : `${(one / other).toFixed(2)} ×`;
  return [
    {
      ...row(`${of}: requests to the engine of a poll that finds nothing`, String(pollRequests)),
      ...judge("0", pollRequests === 0),
    },
    {
      ...row(`${of}: requests of a look at everything, every 15 minutes`, String(auditRequests)),
      ...judge(`≤ ${AUDIT_REQUESTS}`, auditRequests <= AUDIT_REQUESTS),
    },
    row(`${of}: CPU of it`, ms(auditCpuMs), ms(loopCpuMs), share(auditCpuMs, loopCpuMs)),
    {
      ...row(`${of}: from a removed container to healing`, ms(healingMs)),
      ...judge(`≤ ${ms(HEALING_MS)}`, healingMs <= HEALING_MS),
    },
    row(`${of}: until it runs again`, ms(healedMs), `${ms(loopHealedMs)}, at its turn`, share(healedMs, loopHealedMs)),
  ];
}
