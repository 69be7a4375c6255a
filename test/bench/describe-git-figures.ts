import { judge, ms, type Row } from "./describe-figures.ts";
import { type GitCost, type GitFigures, type GitPolls, middleOf } from "./measure-git.ts";

/** For a one-line change of a repository of 5,000 files. */
const CHANGE_BYTES = 10_000;

const number = (value: number): string => Math.round(value).toLocaleString("en-US");
const megabytes = (value: number): string => `${(value / 1_000_000).toFixed(1)} MB`;

function ratio(holdfast: number, other: number): string {
  const share = holdfast / other;
  return share > 0.95 ? `${share.toFixed(2)} ×` : `1/${(1 / share).toFixed(share > 0.1 ? 1 : 0)}`;
}

/** One figure beside what Git's own commands need for it. */
function beside(
  figure: string,
  holdfast: number,
  others: Readonly<Record<string, number>>,
  show: (value: number) => string,
): Row {
  const named = Object.entries(others);
  return {
    figure,
    holdfast: show(holdfast),
    loop: named.map(([name, value]) => `\`${name}\` ${show(value)}`).join(", "),
    ratio: named.map(([, value]) => ratio(holdfast, value)).join(", "),
    budget: "",
  };
}

/** The table of `npm run bench -- git`. */
export function describeGitFigures(figures: GitFigures): Row[] {
  const { files, polls, pushes, firstStoreBytes, storeBytes, shallowBytes } = figures;
  const repository = `${number(files)} files`;
  const most = (costs: readonly GitCost[]): number => Math.max(...costs.map(({ bytes }) => bytes));
  const byCommand = (read: (costs: readonly GitCost[]) => number) => ({
    "git fetch --depth 1": read(figures.shallow),
    "git pull": read(figures.pull),
  });
  const bytes = (costs: readonly GitCost[]): number => middleOf(costs).bytes;
  return [
    ...polls.flatMap((one) => describePolls(one, polls[0])),
    {
      ...beside(`${repository}: bytes of seeing and fetching a changed line`, bytes(figures.agent), byCommand(bytes), number),
      ...judge(`≤ ${number(CHANGE_BYTES)}`, bytes(figures.agent) <= CHANGE_BYTES),
    },
    {
      ...beside(`${repository}: the most of ${pushes} such changes`, most(figures.agent), byCommand(most), number),
      ...judge(`≤ ${number(CHANGE_BYTES)}`, most(figures.agent) <= CHANGE_BYTES),
    },
    beside(
      `${repository}: CPU of it`,
      middleOf(figures.agent).cpuMs,
      { "git fetch --depth 1": middleOf(figures.shallow).cpuMs },
      ms,
    ),
    beside(
      `${repository}: the copy on disk, at first`,
      firstStoreBytes,
      { "git clone --depth 1": figures.firstShallowBytes },
      megabytes,
    ),
    beside(
      `${repository}: the copy on disk after ${pushes} changes`,
      storeBytes,
      { "git fetch --depth 1": shallowBytes },
      megabytes,
    ),
  ];
}

function describePolls({ refs, pushes, agent, list, fetch }: GitPolls, first: GitPolls | undefined): Row[] {
  const where = `${number(refs)} ${refs === 1 ? "ref" : "refs"}${pushes === 0 ? "" : `, after ${pushes} pushes`}`;
  const flat = first === undefined || (agent.bytes === first.agent.bytes && agent.requests === 1);
  return [
    {
      ...beside(`${where}: bytes of a poll`, agent.bytes, { "git ls-remote": list.bytes, "git fetch": fetch.bytes }, number),
      ...judge("as the first", flat),
    },
    beside(`${where}: CPU of it`, agent.cpuMs, { "git ls-remote": list.cpuMs, "git fetch": fetch.cpuMs }, ms),
  ];
}
