import type { IncomingMessage } from "node:http";

export interface BodyLimits {
  /** Beyond it the body is refused. */
  readonly mostBytes: number;
  /** What is kept; a longer body is only passed through `see`. */
  readonly keepBytes: number;
}

/** A body that was read to its end; `content` is missing when it was longer than what is kept. */
export type Body = { readonly tooLarge: true } | { readonly tooLarge: false; readonly content?: Buffer };

/** Reads a request's body, and shows each piece as it comes. Rejects when the client goes away. */
export async function readBody(
  incoming: IncomingMessage,
  { mostBytes, keepBytes }: BodyLimits,
  see: (piece: Uint8Array) => void,
): Promise<Body> {
  // Who says so beforehand need not send it.
  if (Number(incoming.headers["content-length"] ?? 0) > mostBytes) return { tooLarge: true };
  const kept: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    incoming.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > mostBytes) {
        // Left unread rather than destroyed, so that the answer still reaches who sent it.
        incoming.removeAllListeners("data").pause();
        resolve({ tooLarge: true });
        return;
      }
      see(piece);
      if (bytes > keepBytes) kept.length = 0;
      else kept.push(piece);
    });
    incoming.once("end", () => resolve({ tooLarge: false, ...(bytes > keepBytes ? {} : { content: Buffer.concat(kept) }) }));
    incoming.once("error", reject);
    // Without an error when the connection was lost after the last byte of it was seen here.
    incoming.once("close", () => reject(new Error("the client went away")));
  });
}
