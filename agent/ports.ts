import type { TrackedAlert } from "./model/alert.ts";
import type { DesiredFile, DesiredStack, JsonObject, Revision, Variables } from "./model/desired.ts";
import type { ContainerStart, EngineInfo, EngineUsage, ExecRequest, ExecResult } from "./model/engine.ts";
import type { EngineEvent } from "./model/engine-event.ts";
import type { FileContent } from "./model/file-content.ts";
import type { HistoryEntry } from "./model/history.ts";
import type { CommittedFile, KeptRevision, Proof } from "./model/kept.ts";
import type {
  ContainerDetails,
  EditedFile,
  Limits,
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedVolume,
} from "./model/observed.ts";
import type { StepOf } from "./model/plan.ts";
import type { Endpoint } from "./model/remedy.ts";
import type { Tree } from "./model/tree.ts";
import type { WebhookPayload } from "./model/webhook-payload.ts";

/** The commit that the followed branch or tag names now. */
export interface Tip {
  readonly revision: Revision;
  /** Full name of the ref, `refs/heads/main`. */
  readonly ref: string;
  /** Object id of the annotated tag between the ref and the commit. */
  readonly tag?: string;
}

/** What a commit says of itself. */
export interface RevisionInfo {
  readonly revision: Revision;
  readonly author: string;
  /** First line of the message. */
  readonly subject: string;
  readonly committedAtMs: number;
}

/** A Git repository. Throws `source-*` errors. */
export interface Source {
  /** The tip of the followed ref: at most one small request. */
  readTip(signal: AbortSignal): Promise<Tip>;
  /**
   * Makes the objects of the tip readable; nothing is requested when they already are. Those of `accepted`, what is in force, stay
   * readable too, as far as they can be had at all.
   */
  fetch(tip: Tip, signal: AbortSignal, accepted?: Tip): Promise<void>;
  /**
   * Why a fetched tip must not be converged, in one line: its signature, or that it does not descend from `accepted`, the revision
   * that was accepted last. Undefined when it may be.
   */
  judge(tip: Tip, accepted: Revision | undefined, signal: AbortSignal): Promise<string | undefined>;
  /** What a fetched tip is judged by, to be kept. */
  prove(tip: Tip): Promise<Proof>;
  /** The same as `judge` for a revision of which only its proof was kept; `proof` undefined where there is none. */
  judgeProof(revision: Revision, proof: Proof | undefined, signal: AbortSignal): Promise<string | undefined>;
  /** Identifies who may sign, as a text that changes with them; undefined when nobody has to. One `stat` or two. Throws nothing. */
  signers(): Promise<string | undefined>;
  /** The directory at `path` ("" for the root) in a revision that was fetched; undefined when there is none. */
  readTree(revision: Revision, path: string): Promise<Tree | undefined>;
  /** The content of a blob of a fetched revision. */
  readBlob(oid: string): Promise<Uint8Array>;
  readInfo(revision: Revision): Promise<RevisionInfo>;
  /** The messages of the commits that lead to a fetched revision and not to `since`, as far as they are here. */
  readMessages(revision: Revision, since: Revision | undefined): Promise<readonly string[]>;
  /** Forgets what it holds in memory for the last revision. */
  release(): void;
}

export interface RenderRequest {
  readonly project: string;
  /** Absolute directory of the project. */
  readonly directory: string;
  /** Absolute paths, in order. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  /** Absolute paths, later wins. */
  readonly envFiles: readonly string[];
}

export interface ProjectRequest {
  readonly project: string;
  readonly directory: string;
  /** Absolute path of the rendered model. */
  readonly modelFile: string;
  /** What the model takes from the environment of the command; nothing else of ours is in it. */
  readonly environment: Variables;
}

export type UpRequest = ProjectRequest & Omit<StepOf<"up">, "action" | "stack" | "causes" | "after">;

/** The `docker compose` command line. Throws `compose-*` and `render-failed`. */
export interface Compose {
  /** Changes whenever the installed command may be another one: one `stat`. */
  fingerprint(): Promise<string>;
  /** The version of the installed command, asked once as long as that is the same. */
  version(signal: AbortSignal): Promise<string>;
  /** `config --format json`. */
  render(request: RenderRequest, signal: AbortSignal): Promise<JsonObject>;
  /** Gets the images of these services that are missing; with `refresh` also those whose tags have moved. */
  pull(
    request: ProjectRequest & { readonly services: readonly string[]; readonly refresh: boolean },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * `up -d` of exactly these services; with `recreate: false` existing containers stay as they are, with `force` all of them
   * are replaced. Anonymous volumes go over to the successor.
   */
  up(request: UpRequest, signal: AbortSignal): Promise<void>;
  /** `run --rm` of a service with another command, in a container of this name; resolves with what it wrote, last lines only. */
  run(
    request: ProjectRequest & {
      readonly service: string;
      readonly container: string;
      readonly command: readonly string[];
      readonly timeoutMs: number;
    },
    signal: AbortSignal,
  ): Promise<string>;
}

/** The Docker engine. Throws `engine-*`. */
export interface Engine {
  /** Every container of a Compose project, or on a network that somebody made, by one request. */
  listContainers(signal: AbortSignal): Promise<readonly ObservedContainer[]>;
  /** Every local image, by one request. */
  listImages(signal: AbortSignal): Promise<readonly ObservedImage[]>;
  /** What only one request per container tells; undefined when it is gone. */
  inspectContainer(containerId: string, signal: AbortSignal): Promise<ContainerDetails | undefined>;
  /** Every network, by one request. */
  listNetworks(signal: AbortSignal): Promise<readonly ObservedNetwork[]>;
  /** Every volume, by one request. */
  listVolumes(signal: AbortSignal): Promise<readonly ObservedVolume[]>;
  /** Starts a container; one that already runs is fine. */
  start(containerId: string, signal: AbortSignal): Promise<void>;
  unpause(containerId: string, signal: AbortSignal): Promise<void>;
  restart(containerId: string, signal: AbortSignal): Promise<void>;
  /** Stops a container within its own grace period; one that does not run, or is gone, is fine. */
  stop(containerId: string, signal: AbortSignal): Promise<void>;
  /** The last lines that a container wrote, oldest first; none when it is gone. */
  readLog(containerId: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Removes the networks of a Compose project; one that a container still uses stays. Returns the names of those that stay. */
  removeNetworks(project: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Gives a local image another name. */
  tagImage(imageId: string, name: string, signal: AbortSignal): Promise<void>;
  /** Takes a name away from an image, and the image where it has no other and nobody uses it; a name that is gone is fine. */
  untagImage(name: string, signal: AbortSignal): Promise<void>;
  /** Sends a signal (`HUP`) to the first process of a container; one that does not run is refused. */
  kill(containerId: string, name: string, signal: AbortSignal): Promise<void>;
  /** Throws `engine-refused`, which names the one that has it, when the name is taken. */
  rename(containerId: string, name: string, signal: AbortSignal): Promise<void>;
  /** Attaches a container to a network, by the network's name. */
  connect(containerId: string, network: string, endpoint: Endpoint, signal: AbortSignal): Promise<void>;
  /** Detaches a container from a network, also from one that is gone; being detached already is fine. */
  disconnect(containerId: string, network: string, signal: AbortSignal): Promise<void>;
  /** Sets limits of a container without restarting it. What the engine drops for want of the kernel's support is no error. */
  update(containerId: string, limits: Partial<Limits>, signal: AbortSignal): Promise<void>;
  /** Stops and removes a container, never its volumes; one that is gone is fine. */
  remove(containerId: string, signal: AbortSignal): Promise<void>;
  /** Its version, platform and runtimes. */
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** The names and ports that are taken on it. */
  survey(signal: AbortSignal): Promise<EngineUsage>;
  /** `linux/arm64` of a local image; undefined when it is not here. */
  imagePlatform(reference: string, signal: AbortSignal): Promise<string | undefined>;
  /** When a container was started last; undefined when it is gone. */
  readStart(containerId: string, signal: AbortSignal): Promise<ContainerStart | undefined>;
  /** Where the host reaches a container: the machine itself for one that shares its network, nothing for one without a network. */
  addressesOf(containerId: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Runs a command in a running container, without terminal and input. It cannot be ended: what lasts too long runs on. */
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecResult>;
  /** Whether a command that did not end in time still runs. */
  isExecRunning(execId: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Tells what happens from `sinceMs` (milliseconds since the epoch) on, the past first as far as the engine remembers it, until the
   * stream ends; `onOpen` is called when it is there.
   */
  watchEvents(
    sinceMs: number,
    handlers: { readonly onOpen: () => void; readonly onEvent: (event: EngineEvent) => void },
    signal: AbortSignal,
  ): Promise<void>;
}

/** Files below `<stateDir>/stacks/<stack>/`. Never follows a symbolic link, and looks at nothing but the files that it is told. */
export interface Placer {
  /** Absolute directory of a stack; part of the contract, since bind mounts show it. */
  directoryOf(stack: string): string;
  /** Writes files where content or mode differ, and removes files that Holdfast placed earlier; returns what changed. Throws `place-failed`. */
  place(stack: string, write: readonly FileContent[], remove: readonly string[]): Promise<readonly string[]>;
  /** Those of the files that are not as they were placed. A file whose `stat` is as before is not read again. */
  inspect(stack: string, files: readonly DesiredFile[]): Promise<readonly EditedFile[]>;
  /** What was changed in a file, as a short unified diff; `mask` is applied to both sides first. Undefined when it cannot be told. */
  describeEdit(stack: string, placed: FileContent, mask: (text: string) => string): Promise<string | undefined>;
}

/** Files below the runtime directory, on tmpfs: the only place where a secret stands in plain text. Throws `state-failed`. */
export interface Workspace {
  /** Writes files to a fresh private directory, and removes it when `use` has ended. */
  stage<T>(
    files: readonly { readonly path: string; readonly content: Uint8Array | string }[],
    use: (directory: string) => Promise<T>,
  ): Promise<T>;
  /** Writes the model that `docker compose` is given; returns its absolute path. */
  writeModel(stack: string, model: JsonObject): Promise<string>;
  /** The stack as it was last desired; undefined after a boot. */
  readDesired(stack: string): Promise<DesiredStack | undefined>;
  writeDesired(stack: DesiredStack): Promise<void>;
}

/** Environment files that stay on the host, below `hostEnvDir`. */
export interface HostEnv {
  /** A file's content, or why it cannot be used, in one line with the remedy. */
  read(name: string): Promise<{ readonly content: Uint8Array } | { readonly problem: string }>;
  /** Absolute path of the directory. */
  readonly directory: string;
  /** Changes whenever one of the files may have: one `stat` each. */
  fingerprint(names: readonly string[]): Promise<string>;
}

/** The registries that images come from. Throws `registry-*`, which never stops converging. */
export interface Registry {
  /**
   * The digest (`sha256:…`) that the reference's tag names now: one HEAD request, and one for a token where the registry wants one (at
   * first another HEAD, which tells that it does). A reference with a digest is answered without a request. An error with
   * `retryAtMs` says when the registry may be asked again.
   */
  readDigest(image: string, signal: AbortSignal): Promise<string>;
}

/** Sends alerts. Throws `report-failed`, which never stops converging. */
export interface Reporter {
  /** Delivers the present truth: every firing alert, and those that ended since the last delivery. */
  deliver(alerts: readonly TrackedAlert[], endsAtMs: number, signal: AbortSignal): Promise<void>;
}

/** Sends notifications to a webhook. Throws `report-failed`, which never stops converging. */
export interface Notifier {
  notify(payload: WebhookPayload, signal: AbortSignal): Promise<void>;
}

/** The embedded database: a convenience, whose loss costs no more than a repeated decision. Throws `state-failed`. */
export interface Store {
  read<T>(key: string): T | undefined;
  write(key: string, value: unknown): void;
  remove(key: string): void;
  /** Every value whose key starts with `prefix`, by key. */
  list<T>(prefix: string): ReadonlyMap<string, T>;
  close(): void;
}

/** Revisions of stacks that were verified, as they were committed: what going back needs. Throws `state-failed`. */
export interface Kept {
  /** Those of a stack, the one that was verified last first. */
  list(stack: string): Promise<readonly KeptRevision[]>;
  /** Keeps a revision with its files, whole or not at all; returns older ones that it dropped for it. */
  keep(revision: KeptRevision, files: readonly CommittedFile[]): Promise<readonly KeptRevision[]>;
  /** The same content was verified again, at another revision or time. */
  note(revision: KeptRevision): Promise<void>;
  /** The repository as it was then, as far as the stack needs it. */
  open(revision: KeptRevision): Source;
  /** Forgets a stack; returns what was kept of it. */
  remove(stack: string): Promise<readonly KeptRevision[]>;
}

export interface HistoryQuery {
  /** Only what concerns this stack. */
  readonly stack?: string;
  /** How many at most: the newest. */
  readonly limit: number;
}

/** What happened, bounded in number and age: the oldest goes first. Throws `state-failed`. */
export interface History {
  append(entry: HistoryEntry): void;
  /** The newest entries, the newest one last. */
  list(query: HistoryQuery): readonly HistoryEntry[];
  /** Every stack that anything is known of. */
  stacks(): readonly string[];
}

/** Time and chance, so that tests decide both. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Resolves after `ms`, or rejects with `aborted`. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** A structured log: a constant message and fields. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}
