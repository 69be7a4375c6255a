import type { Happening } from "../../model/history.ts";

/** A condition that lasts and is told once, when it begins. */
export interface Standing {
  /** Its group and what tells it from others, `drift web stopped app`: the same as long as it is the same occurrence. */
  readonly id: string;
  readonly begins: Happening;
  /** Told when it has ended. */
  readonly ends?: Happening;
  /** It comes and goes by itself; back within ten minutes, it is no new one. */
  readonly flaps?: boolean;
}

/** What is remembered of a condition that was told. */
export interface Mark {
  readonly ends?: Happening;
  readonly flaps?: true;
  /** It flaps and is gone since then, milliseconds since the epoch. */
  readonly goneAtMs?: number;
}

export type Marks = Readonly<Record<string, Mark>>;

const FLAPPING_MS = 600_000;

/**
 * What has begun and what has ended since the last time. Conditions whose group is not in `known` cannot be seen now (the
 * engine does not answer, say): they go on as they were.
 */
export function noteStanding(
  marks: Marks,
  standing: readonly Standing[],
  known: ReadonlySet<string>,
  nowMs: number,
): { readonly happenings: readonly Happening[]; readonly marks: Marks } {
  const seen = standing.filter(({ id }) => known.has(groupOf(id)));
  const begun = seen.filter(({ id }) => marks[id] === undefined).map(({ begins }) => begins);
  const now = new Map(seen.map((item) => [item.id, markOf(item)]));
  const gone = Object.entries(marks).filter(([id]) => known.has(groupOf(id)) && !now.has(id));
  const ended = gone.flatMap(([, { ends }]) => (ends === undefined ? [] : [ends]));
  const kept = gone.flatMap(([id, mark]): [string, Mark][] => {
    const goneAtMs = mark.goneAtMs ?? nowMs;
    return mark.flaps && nowMs - goneAtMs < FLAPPING_MS ? [[id, { ...mark, goneAtMs }]] : [];
  });
  const unseen = Object.entries(marks).filter(([id]) => !known.has(groupOf(id)));
  const next = [...now, ...kept, ...unseen].sort(([a], [b]) => (a < b ? -1 : 1));
  return { happenings: [...ended, ...begun], marks: Object.fromEntries(next) };
}

function groupOf(id: string): string {
  return id.split(" ", 1)[0] ?? "";
}

function markOf({ ends, flaps }: Standing): Mark {
  return { ...(ends === undefined ? {} : { ends }), ...(flaps ? { flaps } : {}) };
}
