import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import type { Pointer } from "../model/document.ts";

export interface FoundNode {
  /** Offset of the value in the text, or of its nearest ancestor that exists. */
  readonly valueOffset: number;
  /** Offset of the key that leads to it. */
  readonly keyOffset: number;
  /** A plain scalar as it is written. */
  readonly source?: string;
}

/** Finds the value at a pointer, through aliases and merge keys. */
export function findYamlNode(document: Document, pointer: Pointer): FoundNode {
  let node: unknown = document.contents;
  let valueOffset = offsetOf(node) ?? 0;
  let keyOffset = valueOffset;
  for (const [index, segment] of pointer.entries()) {
    const step = descend(document, node, segment);
    if (!step) return { valueOffset, keyOffset };
    node = step.value;
    const keyed = offsetOf(step.key);
    const valued = isScalar(node) && node.source === "" ? undefined : offsetOf(node);
    valueOffset = valued ?? keyed ?? valueOffset;
    keyOffset = keyed ?? valueOffset;
    if (index === pointer.length - 1) {
      const source = isScalar(node) && node.type === "PLAIN" ? node.source : undefined;
      return { valueOffset, keyOffset, ...(source === undefined ? {} : { source }) };
    }
  }
  return { valueOffset, keyOffset };
}

/** Whether a pair is a merge key, `<<`. */
export function isMerge(pair: Pair): boolean {
  if (!isScalar(pair.key)) return false;
  const { value } = pair.key;
  return typeof value === "symbol" ? value.description === "<<" : value === "<<" && pair.key.type === "PLAIN";
}

function descend(document: Document, from: unknown, segment: string | number): { key?: unknown; value: unknown } | undefined {
  const node = isAlias(from) ? from.resolve(document) : from;
  if (isSeq(node)) return Number(segment) < node.items.length ? { value: node.items[Number(segment)] } : undefined;
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(segment));
  return pair ? { key: pair.key, value: pair.value } : descendMerged(document, node, segment);
}

// Like the library, the first source that has the key is taken.
function descendMerged(
  document: Document,
  map: YAMLMap,
  segment: string | number,
): { key?: unknown; value: unknown } | undefined {
  for (const pair of map.items.filter(isMerge)) {
    const sources = isSeq(pair.value) ? pair.value.items : [pair.value];
    for (const source of sources) {
      const found = descend(document, source, segment);
      if (found) return found;
    }
  }
  return undefined;
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
