/** Stands for a value that only a host knows, where its stacks are checked elsewhere. */
export const UNKNOWN_VALUE = "unknown-here";
