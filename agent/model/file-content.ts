/** A file as it is to be placed. */
export interface FileContent {
  /** Path below the stack's root. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Uint8Array;
  /** Written into the file that stands there, so that a container which has it mounted sees the new content. */
  readonly inPlace?: boolean;
  /** It was placed here before: a symbolic link or an empty directory in its place goes. */
  readonly putBack?: boolean;
  /** A file that stands there already is somebody else's work, and stays. */
  readonly keep?: boolean;
}
