import { toHoldfastError } from "../../model/error.ts";
import type { FileWatcher } from "../../ports/file-watcher.ts";
import type { HostEnv, Log, Placer } from "../../ports.ts";
import type { Memory } from "../memory.ts";
import type { FileLook } from "./inspect-files.ts";

export interface WatchFilesPorts {
  /** Absent where nothing is watched: files are looked at all the same, though later. */
  readonly watcher?: FileWatcher;
  readonly placer: Pick<Placer, "directoryOf">;
  readonly hostEnv: Pick<HostEnv, "directory">;
  readonly log: Log;
}

export interface FileWatch {
  /** Watches what is placed by now. Costs nothing where that is what is watched already; does not wait, and never throws. */
  follow(): void;
  close(): Promise<void>;
}

/**
 * Has placed files, and the host's files that stacks are made from, watched while the agent runs, and notes in the memory whose
 * have to be looked at; `onNews` is called with each, and `onInputs` for the latter. Only a hint: what cannot be watched is
 * looked at with everything else, every 15 minutes.
 */
export function openFileWatch(ports: WatchFilesPorts, memory: Memory, onNews: () => void, onInputs: () => void): FileWatch {
  const { watcher, placer, hostEnv, log } = ports;
  let watched: readonly unknown[] = [];
  let working: Promise<void> = Promise.resolve();
  let problem: string | undefined;

  async function begin(looks: ReadonlyMap<string, FileLook>, inputs: readonly string[]): Promise<void> {
    const stacks = new Map([...looks.keys()].map((stack) => [placer.directoryOf(stack), stack]));
    const placed = [...stacks].map(([directory, stack]) => [directory, pathsOf(looks.get(stack))] as const);
    const onChange = (directory: string): void => {
      const stack = stacks.get(directory);
      // Also for the loop to wait a moment: an editor that saves takes the file away first.
      memory.watch.news = true;
      if (stack === undefined) onInputs();
      else {
        memory.files.told.add(stack);
        onNews();
      }
    };
    // The place for further files of the host that a desired state depends on, such as the age key.
    const next = await watcher
      ?.watch(new Map([...placed, [hostEnv.directory, inputs]]), onChange)
      .catch((cause: unknown) => toHoldfastError(cause).message);
    // Once, however often it is tried again.
    if (next !== undefined && problem === undefined)
      log.warn({ error: next }, "files cannot be watched; edits are found every 15 minutes");
    if (next === undefined && problem !== undefined) log.info({}, "files are watched again");
    problem = next;
  }

  return {
    follow() {
      const { looks } = memory.files;
      const inputs = memory.desired?.hostEnvFiles ?? [];
      // An audit is also when watching is tried again.
      const now = [memory.watch.auditedAtMs, inputs.join("\n"), ...[...looks.values()].map(({ files }) => files)];
      if (watcher === undefined || (now.length === watched.length && now.every((item, index) => item === watched[index]))) return;
      watched = now;
      working = working.then(() => begin(looks, inputs));
    },

    async close() {
      await working;
      await watcher?.close();
    },
  };
}

function pathsOf(look: FileLook | undefined): string[] {
  return (look?.files ?? []).map(({ path }) => path);
}
