import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../servers/certificate.ts";

/** How a receiver answers: a status with a text, or not at all. */
export type Answer = { readonly status: number; readonly text?: string } | "hang";

export interface Receiver {
  readonly url: string;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  answer: Answer;
  stop(): Promise<void>;
}

/** A server in Alertmanager's place that notes what it is sent and answers as it is told. */
export async function receiveAlerts(tls?: Certificate): Promise<Receiver> {
  const requests: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const state: { answer: Answer } = { answer: { status: 200 } };
  const listener: RequestListener = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    requests.push({ path: request.url ?? "", headers: request.headers, body });
    if (state.answer === "hang") return;
    response.writeHead(state.answer.status, { "content-type": "text/plain" }).end(state.answer.text ?? "");
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer({ key: tls.key, cert: tls.cert }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    requests,
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
