import type { Revision } from "./desired.ts";

/** The image that a service ran when its stack was verified. */
export interface KeptImage {
  /** As the Compose file names it. */
  readonly reference: string;
  readonly id: string;
  /** `name@sha256:…`, when it came from a registry. */
  readonly digest?: string;
  /** The local name that keeps it from being pruned as dangling. */
  readonly tag: string;
}

/** How it was proved who a revision is from, so that it can be judged again without a repository. Contents are in base 64. */
export interface Proof {
  /** The ref that led to it. */
  readonly ref: string;
  /** The commit as it is signed. */
  readonly commit: string;
  /** The annotated tag that led to it. */
  readonly tag?: { readonly oid: string; readonly content: string };
}

/** A revision of a stack that was verified, and what going back to it needs beside the files. */
export interface KeptRevision {
  readonly stack: string;
  /** Digest of everything that went in: equal inputs are the same stack. */
  readonly inputs: string;
  /** The newest revision whose content this was. */
  readonly revision: Revision;
  /** Absent where its commit could not be read any more. */
  readonly proof?: Proof;
  /** Milliseconds since the epoch. */
  readonly verifiedAtMs: number;
  /** By service. */
  readonly images: Readonly<Record<string, KeptImage>>;
  /** Digests that the services' containers carry, so that what did not change is not replaced on the way back. */
  readonly digests: Readonly<Record<string, string>>;
}

/** A file of the repository, as committed: encrypted values still are. */
export interface CommittedFile {
  /** Path in the repository. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Uint8Array;
}
