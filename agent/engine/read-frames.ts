const HEADER_BYTES = 8;

/**
 * Reads the output of a command without a terminal, as the engine multiplexes it: a header of eight bytes, whose last four are
 * the length, before each piece of standard output or standard error.
 */
export async function readFrames(stream: AsyncIterable<Buffer>, keep: (text: Buffer) => void): Promise<void> {
  let header = Buffer.alloc(0);
  let left = 0;
  for await (const chunk of stream) {
    let rest = chunk;
    while (rest.length > 0) {
      if (left > 0) {
        keep(rest.subarray(0, left));
        const taken = Math.min(left, rest.length);
        left -= taken;
        rest = rest.subarray(taken);
        continue;
      }
      const missing = HEADER_BYTES - header.length;
      header = Buffer.concat([header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (header.length < HEADER_BYTES) continue;
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
}
