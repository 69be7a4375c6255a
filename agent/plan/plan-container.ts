import type { ServiceDependency } from "../model/desired.ts";
import type { Drift } from "../model/drift.ts";
import type { Step } from "../model/plan.ts";

/** The steps that put right what differs of one container and needs no new one; `after` is what a start has to wait for. */
export function planContainer(drift: Drift, stack: string, after: readonly ServiceDependency[]): Step[] {
  const { container, containerId, remedy, kind, cause: text } = drift;
  if (container === undefined || containerId === undefined) return [];
  const about = { stack, causes: [{ kind, text }], after: [], container, containerId };
  if (kind === "stopped") return [{ ...about, action: "start", after }];
  if (kind === "paused") return [{ ...about, action: "unpause" }];
  switch (remedy?.action) {
    case "rename":
      return [{ ...about, action: "rename", name: remedy.name }];
    case "connect":
      return [{ ...about, action: "connect", network: remedy.network, endpoint: remedy.endpoint }];
    case "reconnect":
      return [
        { ...about, action: "disconnect", network: remedy.network },
        { ...about, action: "connect", network: remedy.network, endpoint: remedy.endpoint },
      ];
    case "disconnect":
      return [{ ...about, action: "disconnect", network: remedy.network }];
    case "update":
      return [{ ...about, action: "update", limits: remedy.limits }];
    case "recreate":
    case undefined:
      return [];
    default:
      return remedy satisfies never;
  }
}
