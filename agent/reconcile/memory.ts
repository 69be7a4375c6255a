import type { DesiredHost } from "../model/desired.ts";
import type { Drift } from "../model/drift.ts";
import type { EngineInfo } from "../model/engine.ts";
import type { ErrorCode, HoldfastError } from "../model/error.ts";
import type { Finding } from "../model/finding.ts";
import type { Observed } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { HostFound, PreflightFinding } from "../model/preflight.ts";
import type { UpgradeRecord } from "../model/upgrade.ts";
import type { StackHealth } from "../plan/health/check-readiness.ts";
import type { ProbeHistory, ProbesVerdict } from "../plan/health/judge-probes.ts";
import type { Sample } from "../plan/health/judge-verification.ts";
import type { Done } from "../plan/history/describe-happening.ts";
import { type Counts, createCounts } from "../plan/metrics/counts.ts";
import type { RevisionInfo, Tip } from "../ports.ts";
import type { RemovalHeld } from "./converge/removals.ts";
import { type ContainerDetailsCache, createContainerDetails } from "./observe/container-details.ts";
import { createDefinitions, type DefinitionsCache } from "./observe/definitions.ts";
import type { FileMemory } from "./observe/inspect-files.ts";

/** Something that has been so since a time, milliseconds since the epoch. */
export interface Since<T> {
  readonly value: T;
  readonly sinceMs: number;
}

export interface RejectedRevision {
  readonly revision: string;
  readonly reason: string;
  readonly findings: readonly Finding[];
  /** It is not trusted, which a key that is added on the host can change without a new revision. */
  readonly untrusted?: boolean;
}

export interface HealthNote extends Since<StackHealth> {
  /** Of what content this is told. */
  readonly inputs: string;
  /** When it was healthy last, whatever it has been since; absent while it is. */
  readonly unwellSinceMs?: number;
}

/** The samples of a stack's probes. */
export interface StackProbes {
  /** What is probed: other inputs or containers begin anew. */
  readonly of: string;
  /** By the probe's name, as it is told. */
  readonly histories: Map<string, ProbeHistory>;
  /** Those that could not be run, and when they may be tried again. */
  readonly blocked: Map<string, number>;
  verdict: ProbesVerdict;
}

/** What was found out of the host, for what was needed of it then. */
export interface PreflightFacts {
  /** Changes with what is desired. */
  readonly key: string;
  /** The stacks whose needs were looked at. */
  readonly stacks: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly found: HostFound;
}

/** What the engine's event stream has told since the host was looked at. */
export interface EngineWatch {
  /** The stream is there: nothing happens unseen. */
  streaming: boolean;
  /** The stream was not there for a while: what happened then was not told. */
  missed: boolean;
  /** Something that concerns this host has happened since the last look. */
  news: boolean;
  /** When everything was looked at, milliseconds since the epoch; undefined when it has to be looked at now. */
  auditedAtMs?: number;
}

/** What the agent knows between two ticks; all of it can be found out again. */
export interface Memory {
  /** The revision that the branch named at the last successful poll. */
  tip?: string;
  /** The same with its ref, and the annotated tag's own object: a commit that is tagged anew is examined again. */
  named?: Tip;
  /** The revision that was examined last, accepted or not. */
  examined?: string;
  examinedTag?: string;
  /** Who might sign then (`Source.signers`). */
  signers?: string;
  /** What the host environment files, and Compose, were then. */
  hostEnv?: string;
  /** What is in force. */
  desired?: DesiredHost;
  /** What the commit that is in force says of itself, where it is known. */
  commit?: RevisionInfo;
  rejected?: RejectedRevision;
  /** The newest revision waits for somebody to confirm what it removes. */
  removalHeld?: RemovalHeld;
  /** Stacks whose removal somebody confirmed on this host. */
  confirmedRemovals?: readonly string[] | "all";
  /** What is in force is not trusted under who may sign now, and so held; without `signers` that could not be told. */
  unverified?: { readonly revision: string; readonly reason: string; readonly signers?: string };
  sourceError?: HoldfastError;
  /** Polls in a row that could not read the repository. */
  sourceFailures: number;
  /** When the first of them was, milliseconds since the epoch. */
  unreadableSinceMs?: number;
  /** The repository has been read since the start. */
  wasReadable?: boolean;
  /** Something of the repository could not be read from the local store: it has to be fetched again. */
  storeDamaged?: boolean;
  engineError?: HoldfastError;
  engineFailures: number;
  readonly watch: EngineWatch;
  readonly files: FileMemory;
  observed?: Observed;
  /** What was found out about single containers, networks and volumes: asked for again when it may be another. */
  readonly details: ContainerDetailsCache;
  readonly definitions: DefinitionsCache;
  engineInfo?: EngineInfo | undefined;
  plan?: Plan;
  /** What the host lacks for the containers that are to be created; absent when none are. */
  preflight?: readonly PreflightFinding[];
  preflightFacts?: PreflightFacts;
  /** Warnings among the findings that were told since the start. */
  readonly preflightTold: Set<string>;
  /** The last look found nothing to do, now or later: only news from the engine, or another desired state, can change that. */
  quiet: boolean;
  /** Drift that was healed in the last tick. */
  healed: readonly Drift[];
  /** What was done for each stack since it was last as it should be. */
  readonly done: Map<string, Done>;
  /** What each stack waits for. */
  readonly waiting: Map<string, Since<string>>;
  readonly health: Map<string, HealthNote>;
  /** By stack that has probes: what they said. */
  readonly probes: Map<string, StackProbes>;
  /** By stack that is being verified: how it was at the last looks. */
  readonly samples: Map<string, readonly Sample[]>;
  /** How often each was looked at since its time to get healthy was over. */
  readonly lateLooks: Map<string, number>;
  /** What is in force has to be read again, although neither the tip nor the host's files changed. */
  redesire?: boolean;
  /** What has happened since the start. */
  readonly counts: Counts;
  /** Why the agent is not the version that it should be. */
  upgrade?: UpgradeRecord;
  last?: { readonly result: TickOutcome; readonly atMs: number; readonly durationMs: number };
  nextAtMs?: number;
}

/** Errors that say that the local store lacks what was fetched once. */
export const UNREADABLE: readonly ErrorCode[] = ["source-corrupt", "revision-missing"];

/** How a tick ended; `waiting`: something is on its way, look again soon. */
export type TickOutcome = "converged" | "waiting" | "failed" | "invalid";

/** The memory of an agent that has just started. */
export function createMemory(): Memory {
  return {
    ...{ sourceFailures: 0, engineFailures: 0, healed: [], done: new Map() },
    ...{ waiting: new Map(), health: new Map(), samples: new Map(), lateLooks: new Map() },
    ...{ preflightTold: new Set(), probes: new Map() },
    watch: { streaming: false, missed: false, news: false },
    files: { told: new Set(), looks: new Map() },
    ...{ details: createContainerDetails(), definitions: createDefinitions() },
    quiet: false,
    counts: createCounts(),
  };
}
