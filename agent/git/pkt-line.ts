/** One line of Git's wire format: its content, or the mark that it is. */
export type PktLine = Uint8Array | "flush" | "delimiter" | "end";

export const flushPkt = "0000";
export const delimiterPkt = "0001";

/** Frames one line. */
export function encodePktLine(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

/** Splits a complete answer into its lines; throws a SyntaxError where it is not framed, or ends within a line. */
export function* parsePktLines(bytes: Uint8Array): Generator<PktLine> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  while (position < buffer.length) {
    const length = pktLength(buffer.toString("latin1", position, position + 4));
    if (length < 4) {
      yield length === 0 ? "flush" : length === 1 ? "delimiter" : "end";
      position += 4;
      continue;
    }
    if (position + length > buffer.length) throw new SyntaxError("the answer ends within a line");
    yield buffer.subarray(position + 4, position + length);
    position += length;
  }
}

/** Splits an answer that is still arriving; each piece is one line with its frame. Throws a SyntaxError as `parsePktLines`. */
export async function* splitPktLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let size = 0;
  /** Bytes that make the next step possible: a length first, then its line. */
  let wanted = 4;
  for await (const chunk of body) {
    pending.push(chunk);
    size += chunk.length;
    if (size < wanted) continue;
    const bytes = Buffer.concat(pending);
    let position = 0;
    while (size - position >= wanted) {
      wanted = Math.max(4, pktLength(bytes.toString("latin1", position, position + 4)));
      if (size - position < wanted) break;
      // A copy, so that who keeps this line does not keep its neighbours.
      yield new Uint8Array(bytes.subarray(position, position + wanted));
      position += wanted;
      wanted = 4;
    }
    pending = [bytes.subarray(position)];
    size -= position;
  }
  if (size > 0) throw new SyntaxError("the answer ends within a line");
}

/** The length that four hexadecimal digits give, its own four bytes included; 0 to 2 are marks. Throws a SyntaxError. */
export function pktLength(digits: string): number {
  const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 3;
  if (length === 3) throw new SyntaxError("the answer is not framed in lines");
  return length;
}
