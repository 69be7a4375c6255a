import { isInRange } from "../../lib/version-range.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import { formatSize } from "../../model/parse-size.ts";
import type { HostFound, HostNeeds } from "../../model/preflight.ts";
import { checkRequirements } from "../../plan/preflight/check-requirements.ts";
import { listNeededFacts } from "../../plan/preflight/list-needed-facts.ts";
import type { Machine } from "../../ports/machine.ts";
import type { Engine } from "../../ports.ts";

/** Whether this host has what its stacks and its own file ask for. */
export async function checkHost(
  needs: HostNeeds,
  found: Pick<HostFound, "engine" | "composeVersion">,
  ports: { readonly engine: Engine; readonly machine: Machine },
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  const needed = listNeededFacts(needs);
  const machine = await ports.machine.read(needed.machine, signal);
  const asked = found.engine === undefined ? {} : await askEngine(ports.engine, needed.images, signal);
  const findings = checkRequirements(needs, { imagePlatforms: {}, ...found, ...asked, machine }, isInRange);
  const { kernel, platform, memory, gpus } = machine;
  const listed = gpus.map(({ name }) => `, ${name}`).join("");
  const area = "requirements";
  const checks: DoctorCheck[] = [
    { area, status: "ok", what: `${platform}, kernel ${kernel}, ${formatSize(memory.totalBytes)} of memory${listed}` },
    ...findings.map(({ severity, what, expected, actual, fix, stack }) => ({
      ...({ area, status: severity, what, expected, actual, fix } as const),
      ...(stack === undefined ? {} : { stack }),
    })),
  ];
  const { stacks } = needs;
  if (findings.length === 0)
    checks.push({
      area,
      status: "ok",
      what: `all that the host and its ${stacks.length === 1 ? "stack needs" : `${stacks.length} stacks need`}`,
    });
  return checks;
}

async function askEngine(engine: Engine, images: readonly string[], signal: AbortSignal) {
  const usage = await engine.survey(signal);
  const platforms: [string, string][] = [];
  for (const image of images) {
    const platform = await engine.imagePlatform(image, signal);
    if (platform !== undefined) platforms.push([image, platform]);
  }
  return { usage, imagePlatforms: Object.fromEntries(platforms) };
}
