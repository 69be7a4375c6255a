import assert from "node:assert/strict";
import { inspect } from "node:util";

/** The secret of these tests. */
export const token = "t0ken-that-nobody-must-see";

interface Expected {
  readonly code: string;
  readonly handling: string;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

/** Asserts what an operation fails with, and that it is one line which holds no credential, not even inside. */
export async function assertFails(operation: Promise<unknown>, expected: Expected): Promise<void> {
  await assert.rejects(operation, expected as object);
  const error: unknown = await operation.catch((reason: unknown) => reason);
  const everything = inspect(error, { depth: 10, showHidden: true });
  const encoded = btoa(`x-access-token:${token}`).slice(20, 40);
  assert.ok(!everything.includes(token) && !everything.includes(encoded), everything);
  assert.ok(error instanceof Error && !/[\r\n]/.test(error.message), everything);
}
