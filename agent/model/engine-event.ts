/** Something that happened at the engine, as its event stream tells it. */
export interface EngineEvent {
  readonly type: "container" | "network" | "volume" | "image";
  /** The engine's word: `die`, `connect`, `health_status`. */
  readonly action: string;
  /** Id of the container, network or image, or name of the volume. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Name of the network, or reference of the image, where the engine tells it. */
  readonly name?: string;
  /** The container's Compose project. */
  readonly project?: string;
  /** The container's label `holdfast.stack`. */
  readonly stack?: string;
  /** Id of the container that was connected or disconnected. */
  readonly containerId?: string;
}
