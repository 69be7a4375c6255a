import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";
import { encodePackIndex, type PackEntry } from "./pack-index.ts";

export interface PackObject {
  readonly type: string;
  readonly content: Uint8Array;
}

export interface PackRequest {
  /** A bare repository. */
  readonly gitDirectory: string;
  /** A pack that the new one begins with as it is: its path, its bytes without the checksum at its end, and what is in it. */
  readonly start?: {
    readonly path: string;
    readonly bytes: number;
    /** As the pack itself tells it. */
    readonly objects: number;
    readonly entries: readonly PackEntry[];
  };
  /** What is added, in full. */
  readonly oids: readonly string[];
  readonly read: (oid: string) => Promise<PackObject>;
}

const types: Readonly<Record<string, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const headerBytes = 12;
const deflateAsync = promisify<Uint8Array, Buffer>(deflate);

/**
 * Writes a pack with its index, one object at a time, and returns the pack's name. Both are on disk when they get their names, the
 * index last, since a pack without one is not looked at. A pack of the same content is replaced by itself.
 */
export async function writePack(request: PackRequest): Promise<string> {
  const { gitDirectory, start, oids, read } = request;
  const [temporary, temporaryIndex] = [join(gitDirectory, "new-pack"), join(gitDirectory, "new-pack-index")];
  const file = await open(temporary, "w", 0o600);
  try {
    const writer = hashingWriter(file);
    const header = Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1");
    header.writeUInt32BE((start?.objects ?? 0) + oids.length, 8);
    await writer.write(header);
    if (start !== undefined) await copy(start.path, headerBytes, start.bytes, writer.write);
    const entries: PackEntry[] = [...(start?.entries ?? [])];
    for (const oid of oids) {
      const { type, content } = await read(oid);
      const entry = Buffer.concat([encodeEntryHeader(types[type] ?? 0, content.length), await deflateAsync(content)]);
      entries.push({ oid, crc: crc32(entry), offset: writer.position() });
      await writer.write(entry);
    }
    const checksum = writer.digest();
    await file.writeFile(checksum);
    await file.sync();
    await writeFile(temporaryIndex, encodePackIndex(entries, checksum), { mode: 0o600, flush: true });
    const directory = join(gitDirectory, "objects", "pack");
    const name = `pack-${checksum.toString("hex")}`;
    await rename(temporary, join(directory, `${name}.pack`));
    await rename(temporaryIndex, join(directory, `${name}.idx`));
    await syncDirectory(directory);
    return `${name}.pack`;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
    await rm(temporaryIndex, { force: true });
  }
}

type Write = (bytes: Uint8Array) => Promise<void>;

function hashingWriter(file: FileHandle) {
  const hash = createHash("sha1");
  let position = 0;
  const write: Write = async (bytes) => {
    hash.update(bytes);
    position += bytes.length;
    // Unlike `write` it goes on until all is written.
    await file.writeFile(bytes);
  };
  return { write, position: () => position, digest: () => hash.digest() };
}

async function copy(path: string, from: number, to: number, write: Write): Promise<void> {
  const file = await open(path, "r");
  try {
    if (to > from)
      for await (const chunk of file.createReadStream({ start: from, end: to - 1, autoClose: false })) await write(chunk);
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The type in three bits and the size in groups of seven, the least first, after four beside the type. */
function encodeEntryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  for (let rest = size >>> 4; rest > 0; rest >>>= 7) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}
