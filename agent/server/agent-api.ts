import type { FleetStatus } from "../model/generated/fleet-status.ts";
import type { HistoryReport } from "../model/generated/history.ts";
import type { Status } from "../model/generated/status.ts";
import type { StackReport } from "../model/stack-report.ts";
import type { HoldRequest } from "../plan/manual-holds.ts";
import type { HistoryQuery } from "../ports.ts";
import type { SyncRequest, SyncResult } from "../reconcile/sync-host.ts";
import type { Progress } from "../reconcile/tell/journal.ts";

/** A hold that is in force now. */
export interface HoldAnswer {
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339; without it, until somebody resumes. */
  readonly until?: string;
  readonly reason?: string;
  /** A step that had begun goes on; no other one is begun. */
  readonly busy: boolean;
}

export interface ResumeAnswer {
  /** Stacks whose holds have ended. */
  readonly stacks: readonly string[];
  /** Whether that of the whole host has. */
  readonly host: boolean;
  /** Why nothing is changed all the same, in one line. */
  readonly held?: string;
}

export interface RollbackAnswer extends SyncResult {
  /** The revision that the stack is at now. */
  readonly revision: string;
  /** It is the newest one, that had been taken back or stopped. */
  readonly lifted?: true;
}

export interface SyncAnswer extends SyncResult {
  readonly status: Status;
}

/** What can be asked of an agent, over its socket or over TCP by whoever has the token. A stack that does not exist is an error. */
export interface AgentApi {
  status(): Status;
  history(query: HistoryQuery): HistoryReport;
  stack(name: string): StackReport;
  /** The last lines of one of its containers, masked and shortened: the only question here that the engine is asked. */
  readLog(stack: string, container: string): Promise<readonly string[]>;
  /** Every host of the fleet; their agents are asked, at most every few seconds. */
  fleet(): Promise<FleetStatus>;
  /** Calls the listener with whatever happens, until the function that is returned is called. */
  listen(listener: (progress: Progress) => void): () => void;
  /** `stack` undefined: the whole host. Resolves when no other step will be begun. */
  suspend(stack: string | undefined, request: HoldRequest): Promise<HoldAnswer>;
  resume(stack: string | undefined): ResumeAnswer;
  /** Goes back to a verified revision; resolves when nothing is on its way any more and it has verified again. */
  rollback(stack: string, to: string | undefined): Promise<RollbackAnswer>;
  /** Resolves when nothing is on its way any more and what was changed has proved itself; `gone` ends only the waiting. */
  sync(request: SyncRequest, onProgress: (progress: Progress) => void, gone: AbortSignal): Promise<SyncAnswer>;
}
