/** Path to a value inside a document: keys and array indexes. */
export type Pointer = readonly (string | number)[];

/** 1-based place in a text. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A parsed and schema-checked file of the desired state, with the places of its values. */
export interface ParsedDocument<T> {
  readonly path: string;
  readonly value: T;
  /** Where the value at `pointer` stands; the nearest existing ancestor when it does not exist. */
  locate(pointer: Pointer): Position;
}
