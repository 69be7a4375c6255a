import { judge, type Row } from "./describe-figures.ts";
import type { Cost, ReviewCost, ReviewFigures } from "./measure-review.ts";

/** Seconds that a plan may take. */
const ONE_CHANGED_S = 2;
const ALL_CHANGED_S = 10;

/** The table of `npm run bench -- review`. */
export function describeReviewFigures({ stacks, hosts, costs }: ReviewFigures): Row[] {
  return costs.map((cost) => {
    const { changed, hostsEach, plan, loop } = cost;
    const budgetS = changed <= 1 ? ONE_CHANGED_S : ALL_CHANGED_S;
    const share =
      loop.wallMs > plan.wallMs ? `1/${(loop.wallMs / plan.wallMs).toFixed(1)}` : `${(plan.wallMs / loop.wallMs).toFixed(1)} ×`;
    return {
      figure: `${stacks} stacks on ${hosts} hosts, each on ${hostsEach === 1 ? "one" : "all"}: ${describeChange(cost, stacks)}`,
      holdfast: show(plan),
      loop: show(loop),
      ratio: share,
      ...judge(`≤ ${budgetS} s`, plan.wallMs <= budgetS * 1000),
    };
  });
}

function describeChange({ changed }: ReviewCost, stacks: number): string {
  return changed === 0 ? "nothing changes" : changed === stacks ? "every stack changes" : `${changed} stack changes`;
}

function show({ wallMs, cpuMs }: Cost): string {
  return `${(wallMs / 1000).toFixed(2)} s (CPU ${(cpuMs / 1000).toFixed(2)} s)`;
}
