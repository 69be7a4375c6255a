import { type ErrorCode, holdfastError } from "../../agent/model/error.ts";
import type { Adapters } from "./fake-host.ts";

const CODES: Readonly<Record<keyof Adapters, ErrorCode>> = {
  source: "source-unreachable",
  compose: "compose-failed",
  engine: "engine-unreachable",
  placer: "place-failed",
  workspace: "state-failed",
  store: "state-failed",
  kept: "state-failed",
};

export interface Faults {
  /** Every call so far: `engine.listContainers`. */
  readonly calls: string[];
  wrap(adapters: Adapters): Adapters;
}

/** Counts every call of every adapter and lets one of them fail: before it does anything, or after it has done it. */
export function createFaults(failing: number, when: "before" | "after"): Faults {
  const calls: string[] = [];
  const wrapOne = <T extends object>(name: keyof Adapters, port: T): T =>
    new Proxy(port, {
      get(target, property, receiver) {
        const method: unknown = Reflect.get(target, property, receiver);
        if (typeof method !== "function" || typeof property === "symbol" || ["release", "directoryOf", "open"].includes(property))
          return method;
        return (...args: unknown[]): unknown => {
          const index = calls.push(`${name}.${property}`) - 1;
          const fail = (): never => {
            throw holdfastError(CODES[name], `${name}.${property} failed`, { handling: "transient" });
          };
          if (index !== failing) return method.apply(target, args);
          if (name === "store") return when === "before" ? fail() : [method.apply(target, args), fail()];
          return when === "before" ? Promise.reject(captured(fail)) : Promise.resolve(method.apply(target, args)).then(fail);
        };
      },
    });
  return {
    calls,
    wrap: (adapters) => ({
      source: wrapOne("source", adapters.source),
      compose: wrapOne("compose", adapters.compose),
      engine: wrapOne("engine", adapters.engine),
      placer: wrapOne("placer", adapters.placer),
      workspace: wrapOne("workspace", adapters.workspace),
      store: wrapOne("store", adapters.store),
      kept: wrapOne("kept", adapters.kept),
    }),
  };
}

function captured(fail: () => never): unknown {
  try {
    return fail();
  } catch (error) {
    return error;
  }
}
