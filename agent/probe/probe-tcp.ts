import { connect } from "node:net";
import type { TcpProbe } from "../model/probe.ts";
import { describeFailure, type Outcome } from "./outcome.ts";

/** Whether somebody accepts connections; nothing is sent. */
export async function probeTcp({ host, port }: TcpProbe, signal: AbortSignal): Promise<Outcome> {
  const socket = connect({ host, port });
  const stop = (): void => void socket.destroy(new Error("stopped"));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return { ok: true, detail: "a connection" };
  } catch (cause) {
    return describeFailure("a connection", cause, signal);
  } finally {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  }
}
