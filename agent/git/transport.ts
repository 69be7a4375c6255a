export interface RemoteRef {
  /** Full name, `refs/heads/main`. */
  readonly name: string;
  /** SHA-1 in hex. */
  readonly oid: string;
  /** What an annotated tag leads to. */
  readonly peeled?: string;
}

/** How a remote repository is reached. Throws `source-*` and `aborted`; knows nothing of objects and stores. */
export interface Transport {
  /** The repository's address without credentials, for messages. */
  readonly shown: string;
  /** The refs whose full names start with `prefix`: one small request, however many refs there are. */
  listRefs(prefix: string, signal: AbortSignal): Promise<readonly RemoteRef[]>;
  /** Sends a complete upload-pack request (version 1: wants, shallow, deepen, haves, done) and streams the answer. */
  requestPack(request: Uint8Array, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}
