/** The parts of undici that http-client.ts and proxy-route.ts load one by one; the package itself types only its whole. */
declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export = Agent;
}
declare module "undici/lib/dispatcher/client.js" {
  import { Client } from "undici";
  export = Client;
}
declare module "undici/lib/core/connect.js" {
  import { buildConnector } from "undici";
  export = buildConnector;
}
declare module "undici/lib/api/api-request.js" {
  import type { Dispatcher } from "undici";

  function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions & { readonly origin: string },
  ): Promise<Dispatcher.ResponseData>;
  export = request;
}
declare module "undici/lib/api/api-connect.js" {
  import type { Socket } from "node:net";
  import type { Dispatcher } from "undici";

  function connect(
    this: Dispatcher,
    options: Pick<Dispatcher.ConnectOptions, "path" | "headers">,
  ): Promise<{ readonly statusCode: number; readonly socket: Socket }>;
  export = connect;
}
