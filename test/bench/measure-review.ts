import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { createBareRepository, type FileChange, gitEnvironment } from "../servers/git-repository.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { describeChange, describeFleet, nameStacks } from "./fleet.ts";

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** One change of a fleet, planned. */
export interface ReviewCost {
  /** How many of the stacks change, and on how many hosts each stack is. */
  readonly changed: number;
  readonly hostsEach: number;
  readonly plan: Cost;
  /** Every stack of every host rendered at both revisions and compared; one round. */
  readonly loop: Cost;
}

export interface ReviewFigures {
  readonly stacks: number;
  readonly hosts: number;
  readonly costs: readonly ReviewCost[];
}

const PROGRAM = join(import.meta.dirname, "../../dist/holdfast.mjs");
const HOSTS = Array.from({ length: 10 }, (_, index) => `host-${String(index + 1).padStart(2, "0")}`);

/** What a user would write into a job instead. `hosts` of a stack stand in a file of their own, since no shell reads stack.yaml. */
const SCRIPT = `set -e
cd "$1"
for side in base head; do
  git worktree add --quiet --force "../$side" "$2"; shift
  while read -r stack hosts; do
    for host in $hosts; do
      mkdir -p "../out/$side/$host"
      docker compose --project-directory "../$side/desired-state/stacks/$stack" config >"../out/$side/$host/$stack.yaml"
    done
  done <../stacks.txt
  set -- "$PWD" "$2"
done
sed -i 's#/base/#/head/#' ../out/base/*/*.yaml
diff -ru ../out/base ../out/head >../diff.txt || [ $? -eq 1 ]
`;

/** Measures `plan --base --head --all-hosts` on 50 stacks and 10 hosts, as the program that is installed. */
export async function measureReview(stacks: number, rounds: number, say: (text: string) => void): Promise<ReviewFigures> {
  const costs: ReviewCost[] = [];
  for (const hostsEach of [1, HOSTS.length]) {
    let loop: Cost | undefined;
    for (const changed of [stacks, 1, 0]) {
      say(`${stacks} stacks, each on ${hostsEach} of ${HOSTS.length} hosts, ${changed} of them change`);
      const measured = await measureChange({ stacks, hostsEach, changed }, rounds, loop);
      // It renders everything, whatever has changed.
      loop = measured.loop;
      costs.push(measured);
    }
  }
  return { stacks, hosts: HOSTS.length, costs };
}

interface Change {
  readonly stacks: number;
  readonly hostsEach: number;
  readonly changed: number;
}

async function measureChange(change: Change, rounds: number, known: Cost | undefined): Promise<ReviewCost> {
  const directory = createTemporaryDirectory("hf-bench-review-");
  try {
    const checkout = join(directory, "checkout");
    const [base, head] = await commit(directory, checkout, change);
    const plan = ["node", PROGRAM, "plan", "--base", base, "--head", head, "--all-hosts", "--output", "markdown"];
    const expected = change.changed === 0 ? 0 : 2;
    const times: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await time(plan, checkout, expected));
    const script = join(directory, "loop.sh");
    writeFileSync(script, SCRIPT);
    const loop = known ?? (await time(["bash", script, checkout, base, head], directory, 0));
    return {
      ...{ changed: change.changed, hostsEach: change.hostsEach, loop },
      // The best: whatever else runs on the machine only adds.
      plan: { wallMs: Math.min(...times.map(({ wallMs }) => wallMs)), cpuMs: Math.min(...times.map(({ cpuMs }) => cpuMs)) },
    };
  } finally {
    removeTemporaryDirectory(directory);
  }
}

/** A checkout with two commits: their ids. */
async function commit(directory: string, checkout: string, change: Change): Promise<readonly [string, string]> {
  const names = nameStacks(change.stacks);
  const hostsOf = (index: number): readonly string[] =>
    change.hostsEach === 1 ? [HOSTS[index % HOSTS.length] ?? ""] : HOSTS.slice(0, change.hostsEach);
  const files: Record<string, FileChange> = describeFleet(change.stacks);
  delete files["desired-state/hosts/bench.yaml"];
  for (const [index, host] of HOSTS.entries())
    files[`desired-state/hosts/${host}.yaml`] = `labels: {role: bench}\nvars: {BIND_IP: 10.0.0.${index}}\n`;
  for (const [index, stack] of names.entries())
    files[`desired-state/stacks/${stack}/stack.yaml`] = `hosts: {names: [${hostsOf(index).join(", ")}]}\n`;
  const repository = await createBareRepository(directory, "infra.git", "");
  const base = await repository.commit(files);
  const changes = Object.assign(
    { "README.md": "words\n" },
    ...names.slice(0, change.changed).map((stack) => describeChange(stack, 1)),
  );
  const head = await repository.commit(changes as Record<string, string>);
  await runCommand(["git", "clone", "--quiet", repository.path, checkout], { environment: gitEnvironment });
  writeFileSync(join(directory, "stacks.txt"), names.map((name, index) => `${name} ${hostsOf(index).join(" ")}\n`).join(""));
  return [base, head];
}

/** Runs a command with the shell's own `time`, which counts descendants; its output goes to nobody. */
async function time(argv: readonly string[], cwd: string, expected: number): Promise<Cost> {
  const timed = `TIMEFORMAT="%3R %3U %3S"; time "$@" >/dev/null 2>/dev/null; exit $?`;
  const environment = { ...gitEnvironment, HOME: cwd };
  const options = { cwd, environment, timeoutMs: 1_200_000, allowFailure: true };
  const { exitCode, stderr } = await runCommand(["bash", "-c", timed, "bash", ...argv], options);
  const [wall, user, system] = stderr.trim().split(" ").map(Number);
  if (exitCode !== expected || wall === undefined || user === undefined || system === undefined)
    throw new Error(`${argv.join(" ")} ended with ${exitCode}: ${stderr}`);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}
