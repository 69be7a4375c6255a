import type { Finding } from "./finding.ts";
import type { AgentRelease } from "./generated/fleet.ts";
import type { Requires } from "./generated/stack.ts";
import type { Probe } from "./probe.ts";

/** A Git commit id (40 hexadecimal digits). */
export type Revision = string;

/** Values by variable name, merged in the order of precedence. */
export type Variables = Readonly<Record<string, string>>;

/** A JSON value, as Compose renders its model. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** What must be true of a dependency before the dependent service is started. */
export type DependencyCondition = "service_started" | "service_healthy" | "service_completed_successfully";

export interface ServiceDependency {
  readonly service: string;
  readonly condition: DependencyCondition;
  /** `false`: start without it when it cannot be had. */
  readonly required: boolean;
  /** Restart the dependent when the dependency was replaced. */
  readonly restart: boolean;
}

/** Another tool renders the same inputs in another way. */
export interface ToolChange {
  readonly tool: string;
  readonly digest: string;
  /** Names of the fields that differ, when it is still known what they were. */
  readonly fields: readonly string[];
}

/** A service as it should run. */
export interface DesiredService {
  readonly name: string;
  /** Image reference as the Compose file names it after interpolation. */
  readonly image: string;
  readonly replicas: number;
  /** Value of the label `holdfast.digest`: `scheme.definition.files`. */
  readonly digest: string;
  /** The tool whose rendering the digest is of. */
  readonly renderedBy?: string;
  /** What the tool of now would make of it: the digest is an earlier tool's, and stays until something else changes. */
  readonly toolChange?: ToolChange;
  /** A service that has done its work when it exited 0. */
  readonly oneShot: boolean;
  /** Set when the Compose file names the container itself. */
  readonly containerName?: string;
  readonly dependencies: readonly ServiceDependency[];
  /** Services whose network, IPC or process namespace, or volumes, this one lives in. */
  readonly sharesWith: readonly string[];
  /** Short digests by field (`image` in plain text), so that a plan can name what changed; never a value that may be secret. */
  readonly fields: Readonly<Record<string, string>>;
  /** Object ids by path below the stack's root, of the placed files that this service mounts or reads and that its digest covers. */
  readonly files: Readonly<Record<string, string>>;
  /** By path, the files that reach its containers without replacing them; its digest does not cover these. */
  readonly onChange?: Readonly<Record<string, OnChange>>;
}

/** How a changed file reaches a service that runs; `key` says which content is meant, as `fileKey` spells it. */
export type OnChange =
  | { readonly action: "restart"; readonly key: string }
  /** `signal` without `SIG`: HUP. */
  | { readonly action: "signal"; readonly signal: string; readonly key: string };

/** A file that Holdfast places for a stack, below `<stateDir>/stacks/<stack>/`. */
export interface DesiredFile {
  /** Path below the stack's root. */
  readonly path: string;
  readonly oid: string;
  readonly executable: boolean;
  /** A container may write it: left as the container made it, unless the stack says `files-edited: heal`. */
  readonly writable?: boolean;
  /** Mounted as it is into a service that is told of a change by a signal: it has to stay the same inode. */
  readonly inPlace?: boolean;
  /** A service gets it as a Compose secret: its content is never shown. */
  readonly secret?: boolean;
}

/** A one-off run of a service of the stack when the stack is changed. */
export interface Hook {
  readonly phase: "preConverge" | "postConverge";
  /** 0-based, in its phase. */
  readonly index: number;
  readonly service: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** What happens to a kind of drift. */
export type DriftMode = "heal" | "report" | "ignore";

/** A stack as this host should run it: plain JSON, made from (revision, host, secrets) alone. */
export interface DesiredStack {
  readonly name: string;
  /** The revision whose content this is: the last good one of this stack. */
  readonly revision: Revision;
  /** Digest of everything that went in: files, variables, host facts. Equal inputs are never rendered again. */
  readonly inputs: string;
  /** Digest of the policies that accepted it: others judge it again. Absent where it was not judged. */
  readonly judgedBy?: string;
  /** The Compose version that rendered the model. */
  readonly composeVersion: string;
  /** Where the stack's root stands in the repository. */
  readonly root: string;
  /** Directory of the project below the stack's root: that of the first Compose file ("" for the root itself). */
  readonly projectDirectory: string;
  readonly files: readonly DesiredFile[];
  readonly services: readonly DesiredService[];
  /** The rendered Compose model with Holdfast's labels, without `depends_on`: what `docker compose up` is given. */
  readonly model: JsonObject;
  /** Variables that the model's secrets and configs take from the environment of `docker compose`. */
  readonly environment: Variables;
  /** Values that are never shown: those of the host's environment files and of secrets. */
  readonly secrets?: readonly string[];
  /** Stacks on the same host that are converged first. */
  readonly dependsOn: readonly string[];
  readonly adopt: boolean;
  /** How long a changed stack may take to get healthy, and any stack be unhealthy before someone is told, milliseconds. */
  readonly verifyTimeoutMs: number;
  /** What must hold besides its containers' own health, with variables filled in. */
  readonly probes: readonly Probe[];
  /** Between two continuous checks, milliseconds. */
  readonly probeIntervalMs: number;
  /** What the host must have before a container of it is created, with variables filled in. */
  readonly requires?: Requires;
  /** Whether a change that does not get healthy is taken back; `always`: although hooks may have changed data. */
  readonly rollback: boolean | "always";
  /** One-off runs around a change, in their order. */
  readonly hooks: readonly Hook[];
  readonly drift: { readonly mode: DriftMode; readonly rules: Readonly<Record<string, DriftMode>> };
}

/** Where alerts go and what they carry, as the fleet says it. */
export interface AlertSettings {
  /** Added to every alert. */
  readonly labels: Readonly<Record<string, string>>;
  readonly minFiringMs: number;
  readonly alertmanagers: readonly ReceiverSettings[];
  /** Receivers of Alertmanager's own webhook payload, for those who have none. */
  readonly webhooks: readonly ReceiverSettings[];
  readonly heartbeat: boolean;
  /** Where people find what to do about an alert. */
  readonly runbook?: string;
}

export interface ReceiverSettings {
  /** An Alertmanager's base URL, without `/api/v2/alerts`; a webhook's whole address. */
  readonly url: string;
  readonly bearerTokenFile?: string;
  readonly basicAuth?: { readonly username: string; readonly passwordFile: string };
  /** Certificates in PEM that are trusted instead of the public ones. */
  readonly caFile?: string;
}

/** The hosts of the fleet, for whoever asks their agents. */
export interface FleetPeers {
  /** File on this host with the token that is sent to their addresses. */
  readonly tokenFile?: string;
  /** Every host that has a valid file, this one included, by name. */
  readonly hosts: readonly { readonly name: string; readonly address?: string }[];
}

/** Everything that one host should run. */
export interface DesiredHost {
  readonly host: string;
  readonly revision: Revision;
  /** Where the desired state stands in the repository. */
  readonly path: string;
  /** Poll interval in milliseconds, when the fleet sets it. */
  readonly intervalMs?: number;
  /** The platform that the host's file names. */
  readonly platform?: string;
  /** What the host must have before a container is created, with variables filled in. */
  readonly requires?: Requires;
  /** Observe and report, change nothing. */
  readonly suspended: boolean;
  /** Why the revision is not trusted any more, in one line: observe and report, change nothing. */
  readonly unverified?: string;
  readonly alerts: AlertSettings;
  readonly peers?: FleetPeers;
  /** The release that the agent itself should be. */
  readonly agent?: AgentRelease;
  /** Host environment files that went into the stacks: the desired state changes with them. */
  readonly hostEnvFiles: readonly string[];
  readonly stacks: readonly DesiredStack[];
  /** Stacks that are selected for this host but invalid at this revision; those with an older good revision are in `stacks`. */
  readonly invalid: readonly string[];
  /** Stacks whose content of this revision is quarantined: what verified before is in `stacks` instead. */
  readonly rolledBack: readonly string[];
  /** What happens to a stack that left the repository. */
  readonly unmanaged: DriftMode;
  /** How many of the host's stacks, or which share of them, one revision may remove. */
  readonly maxRemovals: number | string;
  /** Everything that the newest revision's author should know, warnings included. */
  readonly findings: readonly Finding[];
}
