import type { Machine } from "../../ports/machine.ts";
import type { Compose, Engine, Kept, Log, Placer, Source, Store, Workspace } from "../../ports.ts";
import type { Journal } from "../tell/journal.ts";

/** What taking steps needs. */
export interface ExecutePorts {
  readonly source: Source;
  readonly compose: Compose;
  readonly engine: Engine;
  readonly placer: Placer;
  readonly workspace: Workspace;
  readonly store: Store;
  readonly kept: Kept;
  readonly log: Log;
  readonly machine: Machine;
  readonly journal: Pick<Journal, "note">;
}
