import { statfs } from "node:fs/promises";

export interface DiskSpace {
  readonly path: string;
  /** What an ordinary user may still write. */
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

/** Measures the disks of directories. */
export interface DiskGauge {
  /** Those that answer soon enough; those that are not there, or hang, are left out. */
  measure(paths: readonly string[]): Promise<DiskSpace[]>;
}

const PATIENCE_MS = 500;

/**
 * A disk of a server that is gone lets `statfs` hang for ever, and with it one of the few threads that read files. So they are
 * measured one after the other, and nothing new is begun while one hangs.
 */
export function openDiskGauge(measureOne: typeof statfs = statfs): DiskGauge {
  let hanging: Promise<unknown> | undefined;

  async function measureSoon(path: string): Promise<DiskSpace | undefined> {
    const measuring = measureOne(path).then(
      ({ bavail, blocks, bsize }): DiskSpace => ({ path, freeBytes: bavail * bsize, sizeBytes: blocks * bsize }),
      () => undefined,
    );
    const patience = Promise.withResolvers<"late">();
    const timer = setTimeout(() => patience.resolve("late"), PATIENCE_MS);
    const found = await Promise.race([measuring, patience.promise]);
    clearTimeout(timer);
    if (found !== "late") return found;
    hanging = measuring.finally(() => {
      hanging = undefined;
    });
    return undefined;
  }

  return {
    async measure(paths) {
      const disks: DiskSpace[] = [];
      for (const path of new Set(paths)) {
        if (hanging !== undefined) break;
        const disk = await measureSoon(path);
        if (disk !== undefined) disks.push(disk);
      }
      return disks;
    },
  };
}
