/** Tells that something happened to files; only a look at them tells what. */
export interface FileWatcher {
  /** Watches exactly these files from now on: by absolute directory, which `onChange` is given, the paths below it. Returns why some cannot be. */
  watch(files: ReadonlyMap<string, readonly string[]>, onChange: (directory: string) => void): Promise<string | undefined>;
  close(): Promise<void>;
}
