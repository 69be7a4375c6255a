// Generated from schemas/ by `npm run generate`; do not edit.

/** What ajv says is wrong. */
export interface ValidationError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Validate {
  (value: unknown): boolean;
  errors?: readonly ValidationError[] | null;
}

export declare const fleet: Validate;
export declare const host: Validate;
export declare const stack: Validate;
export declare const agent: Validate;
