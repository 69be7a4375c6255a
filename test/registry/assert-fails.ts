import assert from "node:assert/strict";
import { inspect } from "node:util";

/** The secrets of these tests: no error may hold one of them, nor what is made of one. */
export const password = "pa55word-that-nobody-must-see";
export const identityToken = "1dentity-token-that-nobody-must-see";
export const user = { username: "fleet", password };

const secrets = [password, identityToken, Buffer.from(`fleet:${password}`).toString("base64").slice(10, 30)];

export interface ExpectedFailure {
  readonly code: string;
  readonly handling: string;
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly retryAtMs?: number;
}

/** Asserts what an operation fails with, and that it is one line without any secret, not even inside. */
export async function assertFails(operation: Promise<unknown>, expected: ExpectedFailure): Promise<void> {
  await assert.rejects(operation, expected as object);
  const error: unknown = await operation.catch((reason: unknown) => reason);
  const everything = inspect(error, { depth: 10, showHidden: true });
  assert.deepEqual(
    secrets.filter((secret) => everything.includes(secret)),
    [],
  );
  assert.ok(error instanceof Error && !/[\r\n]/.test(error.message), everything);
}
