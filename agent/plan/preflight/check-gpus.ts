import type { JsonObject } from "../../model/desired.ts";
import type { HostFound, HostNeeds, PreflightFinding } from "../../model/preflight.ts";
import { asArray, asObject, asString } from "../desire/json.ts";

/** What the engine must find on its PATH to hand GPUs of NVIDIA to containers that reserve them. */
export const GPU_HOOK = "nvidia-container-runtime-hook";

const RUNTIME = "nvidia";
const INSTALL = "install nvidia-container-toolkit, run `nvidia-ctk runtime configure --runtime=docker` and restart Docker";

/** Services that cannot start because the engine was not prepared for their GPUs or their runtime. */
export function checkGpus({ stacks }: HostNeeds, { machine, engine }: HostFound): PreflightFinding[] {
  if (engine === undefined) return [];
  return stacks.flatMap(({ name, model }) =>
    Object.entries(asObject(model["services"])).flatMap(([service, value]): PreflightFinding[] => {
      const definition = asObject(value);
      const about = { kind: "runtime", stack: name, severity: "error" } as const;
      const runtime = asString(definition["runtime"]);
      if (runtime !== undefined && !engine.runtimes.includes(runtime)) {
        const fix = runtime === RUNTIME ? INSTALL : "add it to `runtimes` in /etc/docker/daemon.json and restart Docker";
        const actual = engine.runtimes.join(", ") || "none";
        return [{ ...about, what: `runtime ${runtime} of ${service}`, expected: "a runtime of that name", actual, fix }];
      }
      if (!reservesGpu(definition) || engine.runtimes.includes(RUNTIME) || machine.commands[GPU_HOOK] !== undefined) return [];
      return [
        {
          ...about,
          what: `GPU of ${service}`,
          expected: "NVIDIA's container toolkit",
          actual: `no runtime ${RUNTIME}, and no ${GPU_HOOK}`,
          fix: INSTALL,
        },
      ];
    }),
  );
}

/** Whether a service of the model reserves a GPU of NVIDIA. */
export function reservesGpu(service: JsonObject): boolean {
  const reservations = asObject(asObject(asObject(service["deploy"])["resources"])["reservations"]);
  const devices = [...asArray(reservations["devices"]), ...asArray(service["gpus"])].map(asObject);
  return devices.some((device) => {
    const driver = asString(device["driver"]) ?? RUNTIME;
    return (
      driver === RUNTIME && ("gpus" in service || asArray(device["capabilities"]).some((one) => one === "gpu" || one === RUNTIME))
    );
  });
}
