import { isHoldfastError } from "../model/error.ts";
import type { ObservedContainer } from "../model/observed.ts";
import type { ExecProbe } from "../model/probe.ts";
import type { Engine } from "../ports.ts";
import { failed, type Outcome } from "./outcome.ts";

const EXPECTED = "exit code 0";
const OUTPUT_BYTES = 4096;
const LINES = 3;
/** Containers come and go; what is remembered of those that are gone is no use. */
const REMEMBERED = 100;

/** Runs a command in a container, unless its last run, which could not be ended, goes on there: `lasting` knows those. */
export async function probeCommand(
  { command, timeoutMs }: ExecProbe,
  container: ObservedContainer,
  engine: Pick<Engine, "exec" | "isExecRunning">,
  lasting: Map<string, string>,
  signal: AbortSignal,
): Promise<Outcome> {
  const key = JSON.stringify([container.id, ...command]);
  const earlier = lasting.get(key);
  if (earlier !== undefined && (await engine.isExecRunning(earlier, signal)))
    return failed(EXPECTED, "no end of the run before, which still goes on");
  lasting.delete(key);
  try {
    const result = await engine.exec({ containerId: container.id, command, timeoutMs, outputBytes: OUTPUT_BYTES }, signal);
    if (!result.ended) {
      remember(lasting, key, result.execId);
      return failed(EXPECTED, withOutput(`no end within ${timeoutMs / 1000} s`, result.output));
    }
    if (result.exitCode !== 0) return failed(EXPECTED, withOutput(`exit code ${result.exitCode}`, result.output));
    return { ok: true, detail: withOutput(EXPECTED, result.output) };
  } catch (cause) {
    if (!isHoldfastError(cause) || cause.code !== "engine-refused") throw cause;
    return failed(EXPECTED, cause.message);
  }
}

function withOutput(text: string, output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.length === 0 ? text : `${text}: ${lines.slice(-LINES).join(" / ")}`;
}

function remember(lasting: Map<string, string>, key: string, execId: string): void {
  const [oldest] = lasting.keys();
  if (lasting.size >= REMEMBERED && oldest !== undefined) lasting.delete(oldest);
  lasting.set(key, execId);
}
