import type { Limits } from "./observed.ts";

/** How a service's container is attached to a network. */
export interface Endpoint {
  /** Names by which others on the network find it. */
  readonly aliases: readonly string[];
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
  readonly linkLocalIps?: readonly string[];
  readonly macAddress?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
  /** The highest one's gateway is the container's; engines before 28.0 take no notice. */
  readonly gatewayPriority?: number;
}

/** What puts a drift of one container right, where its kind does not say it. */
export type Remedy =
  /** The service's containers are made anew, although Compose sees no reason to. */
  | { readonly action: "recreate" }
  | { readonly action: "rename"; readonly name: string }
  | { readonly action: "connect"; readonly network: string; readonly endpoint: Endpoint }
  /** Disconnected and connected again: what an endpoint is made with cannot be changed. */
  | { readonly action: "reconnect"; readonly network: string; readonly endpoint: Endpoint }
  | { readonly action: "disconnect"; readonly network: string }
  | { readonly action: "update"; readonly limits: Partial<Limits> };
