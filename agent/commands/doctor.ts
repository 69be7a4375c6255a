import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { openEngine } from "../engine/open-engine.ts";
import { openMachine } from "../host/open-machine.ts";
import type { Doctor, DoctorCheck } from "../model/generated/doctor.ts";
import { checkAlerts } from "./doctor/check-alerts.ts";
import { type ConfigurationRequest, checkConfiguration } from "./doctor/check-configuration.ts";
import { checkDesiredState } from "./doctor/check-desired-state.ts";
import { checkDirectories, checkHostEnvFiles } from "./doctor/check-directories.ts";
import { checkEngine } from "./doctor/check-engine.ts";
import { checkFiles } from "./doctor/check-files.ts";
import { checkHost } from "./doctor/check-host.ts";
import { checkRepository } from "./doctor/check-repository.ts";
import { describeError } from "./doctor/describe-error.ts";
import { listSensitiveFiles } from "./doctor/list-sensitive-files.ts";
import { type Paint, renderArea, renderSummary } from "./doctor/render-doctor.ts";
import type { Output } from "./output.ts";
import type { Configuration } from "./read-configuration.ts";
import { VERSION } from "./version.ts";
import { wireDesire } from "./wire.ts";

type Area = DoctorCheck["area"];

const WIDTH = 80;

/** Takes up what was found in one area, and shows it at once: the next may take a while. Undefined when it could not be checked. */
type Take = <T extends { readonly checks: readonly DoctorCheck[] }>(area: Area, find: () => Promise<T>) => Promise<T | undefined>;

/**
 * Checks this host and its configuration, and tells what to do about each thing that is wrong. Needs no agent, changes nothing.
 * Returns the exit code: 0 when nothing is an error, else 1.
 */
export async function doctor(request: ConfigurationRequest, output: Output, signal: AbortSignal): Promise<number> {
  const checks: DoctorCheck[] = [];
  const width = Math.min(process.stdout.columns ?? WIDTH, WIDTH);
  const show = (area: Area, found: readonly DoctorCheck[]): void => {
    checks.push(...found);
    if (output.format === "text" && found.length > 0) output.print(`${renderArea(area, found, width, paint)}\n`);
  };
  const take: Take = async (area, find) => {
    try {
      const result = await find();
      show(area, result.checks);
      return result;
    } catch (cause) {
      if (signal.aborted) throw cause;
      show(area, [{ area, ...describeError(cause) }]);
      return undefined;
    }
  };
  const found = await take("configuration", () => checkConfiguration(request, openMachine(), signal));
  const { configuration, hasRepository = false } = found ?? {};
  const revision = configuration && (await checkAll(configuration, hasRepository, take, signal));
  const report: Doctor = {
    ...(configuration === undefined ? {} : { host: configuration.host }),
    version: VERSION,
    ...(revision === undefined ? {} : { revision }),
    ok: checks.every(({ status }) => status !== "error"),
    checks,
  };
  output.print(output.format === "json" ? JSON.stringify(report, undefined, 2) : renderSummary(report, paint));
  return report.ok ? 0 : 1;
}

/** Everything but the configuration itself; returns the revision whose desired state was checked. */
async function checkAll(
  configuration: Configuration,
  hasRepository: boolean,
  take: Take,
  signal: AbortSignal,
): Promise<string | undefined> {
  const machine = openMachine();
  const engine = openEngine({ socket: configuration.docker.socket });
  await take("directories", async () => ({ checks: await checkDirectories(configuration, machine, signal) }));
  await take("secrets", async () => {
    const named = await checkFiles("secrets", listSensitiveFiles(configuration), machine, signal);
    return { checks: [...named, ...(await checkHostEnvFiles(configuration, machine, signal))] };
  });
  const { checks: _checks, ...tools } = (await take("engine", () => checkEngine(configuration, engine, machine, signal))) ?? {
    checks: [],
  };
  if (!hasRepository) return undefined;
  const scratch = await makeDirectory([tmpdir()]);
  // Rendering puts values of the host's secrets into files.
  const inMemory = await makeDirectory([configuration.runtimeDir, "/dev/shm", tmpdir()]);
  try {
    const found = await take("repository", () => checkRepository(configuration, scratch, signal));
    if (found?.readable === undefined) return undefined;
    const { readable, applied } = found;
    const { source, revision } = readable;
    const { host, repository } = configuration;
    const ports = wireDesire({ ...configuration, runtimeDir: inMemory }, source);
    const desired = await take("desired state", () =>
      checkDesiredState({ host, revision, path: repository.path }, ports, signal),
    );
    if (desired === undefined) return revision;
    const { receivers } = desired;
    // What the agent runs and the revision does not name is removed by it, or stays at its last good revision.
    const needs = desired.needs && { ...desired.needs, leaving: applied };
    if (needs !== undefined)
      await take("requirements", async () => ({ checks: await checkHost(needs, tools, { engine, machine }, signal) }));
    await take("alerts", async () => ({ checks: await checkAlerts(receivers, machine, signal) }));
    return revision;
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await rm(inMemory, { recursive: true, force: true });
  }
}

/** A private directory in the first place where one can be made. */
async function makeDirectory([parent = "", ...others]: readonly string[]): Promise<string> {
  return mkdtemp(join(parent, "holdfast-doctor-")).catch((cause: unknown) => {
    if (others.length === 0) throw cause;
    return makeDirectory(others);
  });
}

/** Colours on a terminal that wants them. */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });
