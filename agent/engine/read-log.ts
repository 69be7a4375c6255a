const HEADER = 8;

/**
 * The lines of a container's log. Without a terminal the engine puts a header of eight bytes before each piece: the stream, three
 * zeros, and the length.
 */
export function readLog(log: Buffer, terminal: boolean): string[] {
  const text = terminal ? log.toString("utf8") : Buffer.concat(readPieces(log)).toString("utf8");
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function readPieces(log: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at + HEADER <= log.length; ) {
    const end = at + HEADER + log.readUInt32BE(at + 4);
    pieces.push(log.subarray(at + HEADER, end));
    at = end;
  }
  return pieces;
}
