import { delimiterPkt, encodePktLine, flushPkt, parsePktLines } from "./pkt-line.ts";
import type { RemoteRef } from "./transport.ts";

/** What a server said about its refs. */
export type RefsAnswer =
  | { readonly kind: "refs"; readonly refs: readonly RemoteRef[] }
  /** It speaks version 2 and waits for `ls-refs`. */
  | { readonly kind: "version-2" }
  /** It refused, in its own words. */
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "malformed" };

const refLine = /^([0-9a-f]{40}) ([^\0\n ]+)(?: peeled:([0-9a-f]{40}))?/;

/** The body of a protocol version 2 request for the refs that start with `prefix`. */
export function encodeLsRefs(prefix: string): Uint8Array {
  const text = [
    encodePktLine("command=ls-refs\n"),
    encodePktLine("object-format=sha1"),
    delimiterPkt,
    ...(prefix.startsWith("refs/tags/") ? [encodePktLine("peel\n")] : []),
    encodePktLine(`ref-prefix ${prefix}\n`),
    flushPkt,
  ];
  return Buffer.from(text.join(""));
}

/** Reads the answer to `ls-refs`. */
export function parseLsRefs(bytes: Uint8Array): RefsAnswer {
  return parseRefs(bytes, ({ name }) => name.startsWith("refs/"));
}

/** Reads what a server advertises at `info/refs`, whichever version it chose; `prefix` selects among version 1's full list. */
export function parseAdvertisement(bytes: Uint8Array, prefix: string): RefsAnswer {
  return parseRefs(bytes, ({ name }) => name.startsWith(prefix));
}

function parseRefs(bytes: Uint8Array, accept: (ref: RemoteRef) => boolean): RefsAnswer {
  const refs: RemoteRef[] = [];
  let complete = false;
  try {
    for (const line of parsePktLines(bytes)) {
      complete = line === "flush";
      if (typeof line === "string") continue;
      const text = Buffer.from(line).toString("utf8");
      if (text.startsWith("ERR ")) return { kind: "error", text: text.slice(4).trim() };
      if (text.trim() === "version 2") return { kind: "version-2" };
      if (text.startsWith("# service=") || text.trim() === "version 1") continue;
      const [, oid, name, peeled] = refLine.exec(text) ?? [];
      // A version 1 answer of a shallow repository lists its boundary too.
      if (oid === undefined || name === undefined) {
        if (text.startsWith("shallow ")) continue;
        return { kind: "malformed" };
      }
      const last = refs.at(-1);
      // Version 1 tells on a line of its own where the tag before it leads to.
      if (name.endsWith("^{}")) {
        if (last !== undefined && name === `${last.name}^{}`) refs[refs.length - 1] = { ...last, peeled: oid };
        continue;
      }
      const ref = { name, oid, ...(peeled === undefined ? {} : { peeled }) };
      if (accept(ref)) refs.push(ref);
    }
  } catch {
    return { kind: "malformed" };
  }
  return complete ? { kind: "refs", refs } : { kind: "malformed" };
}
