import assert from "node:assert/strict";
import { test } from "node:test";
import { readFrames } from "../../agent/engine/read-frames.ts";

function frame(text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

test("output must be read wherever its pieces are cut", async () => {
  const bytes = Buffer.concat([frame("one "), frame(""), frame("two "), frame("zażółć")]);
  for (const size of [1, 3, 7, 8, 9, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const kept: Buffer[] = [];
    await readFrames(stream(pieces), (text) => void kept.push(text));
    assert.equal(Buffer.concat(kept).toString(), "one two zażółć", `in pieces of ${size}`);
  }
});

async function* stream(pieces: readonly Buffer[]): AsyncIterable<Buffer> {
  yield* pieces;
}
