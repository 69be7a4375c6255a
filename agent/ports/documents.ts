import type { Variables } from "../model/desired.ts";
import type { ParsedDocument, Pointer, Position } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import type { Agent } from "../model/generated/agent.ts";
import type { Fleet } from "../model/generated/fleet.ts";
import type { Host } from "../model/generated/host.ts";
import type { Stack } from "../model/generated/stack.ts";
import type { Tree } from "../model/tree.ts";

/** The kinds of files of the desired state, and what they hold. */
export interface DocumentTypes {
  fleet: Fleet;
  host: Host;
  stack: Stack;
  agent: Agent;
}

export interface ScanRequest {
  readonly stack: string;
  /** Where the stack's root stands in the repository: findings name files from there. */
  readonly root: string;
  readonly tree: Tree;
  /** Below the root, like every path here. */
  readonly composeFiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  /** Names of the variables that have a value. */
  readonly variables: ReadonlySet<string>;
  /** False where files that stay on a host define further ones: their names cannot be known here. */
  readonly variablesComplete: boolean;
  /** Content of a file below the root; undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Where something stands in the stack's own document. */
  place(pointer: Pointer): Place;
}

/** A position in a file of the repository. */
export type Place = { readonly path: string } & Position;

export interface ScanResult {
  readonly findings: readonly Finding[];
  /** Services that are declared, whatever their profile. */
  readonly services: readonly string[];
  /** Variables that are used but not known here, when `variablesComplete` is false. */
  readonly unknownVariables: readonly string[];
  /** Variables that the Compose files name. */
  readonly variables: readonly string[];
  /** Compose files that take part, below the root: what they include and extend is among them. */
  readonly composeFiles: readonly string[];
  /** What Compose says of the model when it cannot render it, at the line that it means. */
  explainRender(message: string): Finding;
  /** Where a setting of a service stands, `["services", "web", "ports"]`; of a list, the item that `holds` this text. */
  locate(pointer: Pointer, holds?: string): Place;
}

/** Reading and checking the files of the desired state. Returns findings and throws nothing. */
export interface Documents {
  parse<K extends keyof DocumentTypes>(
    kind: K,
    path: string,
    content: Uint8Array,
  ): { readonly document?: ParsedDocument<DocumentTypes[K]>; readonly findings: readonly Finding[] };
  /** Checks a stack's Compose files before they are rendered. */
  scanCompose(request: ScanRequest): Promise<ScanResult>;
  /** Variables that an environment file defines. */
  readEnv(content: Uint8Array): Variables;
  /** Variables as an environment file that Compose reads back literally. */
  writeEnv(variables: Variables): string;
}
