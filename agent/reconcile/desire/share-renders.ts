import type { JsonObject, Variables } from "../../model/desired.ts";
import { canonicalJson, shortDigest } from "../../plan/desire/digest-service.ts";

/** What Compose made of a stack's files, and the directory that they stood in then. */
export interface Rendered {
  readonly model: JsonObject;
  readonly directory: string;
}

export interface RenderInputs {
  /** What else decides: the stack, its files, profiles, hooks. */
  readonly about: object;
  /** Everything of the stack that may name a variable. */
  readonly texts: readonly Uint8Array[];
  readonly variables: Variables;
}

/** Renders, or gives what was rendered from the same before. */
export type ShareRender = (inputs: () => RenderInputs, render: () => Promise<Rendered>) => Promise<Rendered>;

/** A larger file is not searched: it may name any variable. */
const MOST_SEARCHED_BYTES = 256 * 1024;

/**
 * Renders each stack once for all hosts and revisions that give it the same: a variable that none of its texts names, HOLDFAST_HOST
 * most of all, is no difference. For commands that look at many hosts; what failed is tried again.
 */
export function openRenderShare(): ShareRender {
  const known = new Map<string, Promise<Rendered>>();
  return (inputs, render) => {
    const key = identify(inputs());
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    const made = render();
    known.set(key, made);
    made.catch(() => known.delete(key));
    return made;
  };
}

function identify({ about, texts, variables }: RenderInputs): string {
  const isSearched = texts.every(({ length }) => length <= MOST_SEARCHED_BYTES);
  const all = texts.map((text) => Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("latin1"));
  const entries = Object.entries(variables);
  const isNamed = (name: string): boolean =>
    !isSearched || all.some((text) => text.includes(name)) || entries.some(([, value]) => value.includes(name));
  const used = entries.filter(([name]) => isNamed(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return shortDigest(canonicalJson([about, used] as never));
}
