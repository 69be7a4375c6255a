import { readdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Agent, wireAgent as wireReal } from "../../../agent/commands/wire.ts";
import type { Engine } from "../../../agent/ports.ts";

export * from "../../../agent/commands/wire.ts";

/** Which call ends the agent, and when; `during` is once the engine shows that it has begun to do its work. */
export interface Order {
  /** Expression for `port.method ARGUMENTS`, as JSON. */
  readonly call: string;
  readonly when: "before" | "during" | "after";
}

/** The ports that change something. */
const PORTS = ["store", "placer", "compose", "engine", "kept", "workspace", "journal"] as const;

/** The agent as it is, but a call of one of its adapters may be its last: the file that `HOLDFAST_TEST_KILL` names says which. */
export const wireAgent: typeof wireReal = (configuration, log) => {
  const agent = wireReal(configuration, log);
  const file = process.env["HOLDFAST_TEST_KILL"] ?? "";
  const wrapped = Object.fromEntries(PORTS.map((name) => [name, watch(name, agent.ports[name], file, agent.ports.engine)]));
  return { ...agent, ports: { ...agent.ports, ...wrapped } as Agent["ports"] };
};

function watch<T extends object>(name: string, port: T, file: string, engine: Engine): T {
  return new Proxy(port, {
    get(target, property, receiver) {
      const method: unknown = Reflect.get(target, property, receiver);
      if (typeof method !== "function" || typeof property === "symbol") return method;
      return (...args: unknown[]): unknown => {
        const order = readOrder(file);
        if (order === undefined || !new RegExp(order.call).test(describeCall(`${name}.${property}`, args)))
          return method.apply(target, args);
        rmSync(file);
        if (order.when === "before") die();
        if (order.when === "during") return dieDuring(() => method.apply(target, args), engine);
        const result: unknown = method.apply(target, args);
        return result instanceof Promise ? result.then(die) : die();
      };
    },
  });
}

function describeCall(name: string, args: readonly unknown[]): string {
  return `${name} ${args.map((arg) => JSON.stringify(arg)).join(" ")}`;
}

function readOrder(file: string): Order | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Order;
  } catch {
    return undefined;
  }
}

async function dieDuring(begin: () => unknown, engine: Engine): Promise<never> {
  const list = async (): Promise<string> => {
    const signal = AbortSignal.timeout(10_000);
    const containers = (await engine.listContainers(signal)).map(({ id, name, state }) => [id, name, state]);
    return JSON.stringify([containers, (await engine.listImages(signal)).map(({ id }) => id)]);
  };
  const before = await list();
  void begin();
  while ((await list()) === before) await delay(1);
  return die();
}

/** Ends this process and what it has started, as a power cut does. */
function die(): never {
  for (const child of descendantsOf(process.pid)) process.kill(child, "SIGKILL");
  process.kill(process.pid, "SIGKILL");
  // The signal needs a moment, in which nothing more may be done.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error("killed");
}

function descendantsOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1");
    return text.split(" ").filter(Boolean).map(Number);
  });
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
