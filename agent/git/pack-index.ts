import { createHash } from "node:crypto";

/** Where one object of a pack is. */
export interface PackEntry {
  /** SHA-1 in hex. */
  readonly oid: string;
  /** CRC-32 of the entry as it stands in the pack. */
  readonly crc: number;
  /** In bytes from the start of the pack. */
  readonly offset: number;
}

const magic = Buffer.from("ff744f6300000002", "hex");
const fanOut = 256 * 4;
const hashBytes = 20;

/** Bytes of the index of so many objects: magic, fan-out, then id, checksum and offset of each object, and two hashes. */
export function packIndexSize(objects: number): number {
  return magic.length + fanOut + objects * (hashBytes + 4 + 4) + 2 * hashBytes;
}

/** Reads an index of version 2, as isomorphic-git and `encodePackIndex` write it: packs are smaller than 2 GiB. Throws a SyntaxError. */
export function parsePackIndex(bytes: Buffer): readonly PackEntry[] {
  const oids = magic.length + fanOut;
  const count = bytes.length < oids ? -1 : bytes.readUInt32BE(oids - 4);
  if (!bytes.subarray(0, magic.length).equals(magic) || bytes.length !== packIndexSize(count)) {
    throw new SyntaxError("the index of a pack cannot be read");
  }
  const crcs = oids + count * hashBytes;
  const offsets = crcs + count * 4;
  return Array.from({ length: count }, (_, index) => ({
    oid: bytes.toString("hex", oids + index * hashBytes, oids + (index + 1) * hashBytes),
    crc: bytes.readUInt32BE(crcs + index * 4),
    offset: bytes.readUInt32BE(offsets + index * 4),
  }));
}

/** The index of a pack that ends with the hash `checksum`. */
export function encodePackIndex(entries: readonly PackEntry[], checksum: Buffer): Buffer {
  const sorted = entries.toSorted((a, b) => (a.oid < b.oid ? -1 : 1));
  const first = Buffer.alloc(fanOut);
  const oids = Buffer.from(sorted.map(({ oid }) => oid).join(""), "hex");
  for (let byte = 0, below = 0; byte < 256; byte += 1) {
    while (below < sorted.length && (oids[below * hashBytes] ?? 0) <= byte) below += 1;
    first.writeUInt32BE(below, byte * 4);
  }
  const numbers = Buffer.alloc(sorted.length * 8);
  sorted.forEach(({ crc, offset }, index) => {
    numbers.writeUInt32BE(crc, index * 4);
    numbers.writeUInt32BE(offset, (sorted.length + index) * 4);
  });
  const content = Buffer.concat([magic, first, oids, numbers, checksum]);
  return Buffer.concat([content, createHash("sha1").update(content).digest()]);
}
