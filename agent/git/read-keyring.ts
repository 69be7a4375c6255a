import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { cannotTell } from "./signature-tool.ts";

/** Public keys of OpenPGP. */
export interface Keyring {
  /** As `gpg --export` writes them. */
  readonly bytes: Uint8Array;
  /** Fingerprints (upper-case hex) of the keys and subkeys that carry a revocation, whoever made it. */
  readonly revoked: ReadonlySet<string>;
}

const armor = /^-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[ \t]*\r?\n(.*?)^-----END PGP \1 KEY BLOCK-----/gms;
const exportHint = "write it with gpg --export --armor KEY… and name it in repository.gpgKeyring";

const tags = { signature: 2, secretKey: 5, publicKey: 6, secretSubkey: 7, publicSubkey: 14 } as const;
const revocations = { key: 0x20, subkey: 0x28 } as const;

/** Reads a file of exported public keys, armored or not. Throws `source-refused` when it is none, or holds none. */
export async function readKeyring(path: string): Promise<Keyring> {
  const content = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw cannotTell(`${path} cannot be read (${code})`, "check repository.gpgKeyring and who may read it");
  });
  const blocks = [...content.toString("latin1").matchAll(armor)];
  if (blocks.some(([, kind]) => kind === "PRIVATE")) throw holdsPrivate(path);
  const bytes = blocks.length === 0 ? content : Buffer.concat(blocks.map(([, , body = ""]) => dearmor(body)));
  const packets = splitPackets(bytes);
  if (packets === undefined)
    throw cannotTell(`${path} is no file of exported OpenPGP keys, or is damaged (repository.gpgKeyring)`, exportHint);
  if (packets.some(({ tag }) => tag === tags.secretKey || tag === tags.secretSubkey)) throw holdsPrivate(path);
  if (!packets.some(({ tag }) => tag === tags.publicKey))
    throw cannotTell(`${path} holds no public key (repository.gpgKeyring)`, exportHint);
  return { bytes, revoked: findRevoked(packets) };
}

function holdsPrivate(path: string): Error {
  return cannotTell(
    `${path} holds a private key, which no host should have (repository.gpgKeyring)`,
    "make it again with gpg --export --armor, and consider the key as stolen if others could read the file",
  );
}

/** What is between the lines of an armor: headers, an empty line, base64, and a checksum that says less than the packets do. */
function dearmor(body: string): Buffer {
  const lines = body.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trim() === "");
  return Buffer.from(
    lines
      .slice(start + 1)
      .filter((line) => !line.startsWith("="))
      .join(""),
    "base64",
  );
}

interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

/** The packets that OpenPGP data is made of (RFC 9580, section 4.2); undefined when it is not made of whole ones. */
function splitPackets(bytes: Buffer): readonly Packet[] | undefined {
  const packets: Packet[] = [];
  let position = 0;
  while (position < bytes.length) {
    const header = readHeader(bytes, position);
    if (header === undefined) return undefined;
    const end = header.start + header.length;
    if (end > bytes.length) return undefined;
    packets.push({ tag: header.tag, body: bytes.subarray(header.start, end) });
    position = end;
  }
  return packets;
}

function readHeader(bytes: Buffer, at: number): { tag: number; start: number; length: number } | undefined {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1];
  if ((first & 0x80) === 0 || second === undefined) return undefined;
  if ((first & 0x40) === 0) {
    const size = 1 << (first & 3);
    // The fourth kind, without a length, is of no use in a file with several packets.
    if (size === 8 || at + 1 + size > bytes.length) return undefined;
    return { tag: (first >> 2) & 0x0f, start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
  }
  const tag = first & 0x3f;
  if (second < 192) return { tag, start: at + 2, length: second };
  if (second < 224) return { tag, start: at + 3, length: ((second - 192) << 8) + (bytes[at + 2] ?? 0) + 192 };
  // Lengths in pieces are for data that is streamed.
  if (second !== 255 || at + 6 > bytes.length) return undefined;
  return { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) };
}

/** A revocation stands behind the key that it is of. */
function findRevoked(packets: readonly Packet[]): ReadonlySet<string> {
  const revoked = new Set<string>();
  let key = "";
  let subkey = "";
  for (const { tag, body } of packets) {
    if (tag === tags.publicKey) key = fingerprintOf(body);
    if (tag === tags.publicSubkey) subkey = fingerprintOf(body);
    if (tag !== tags.signature) continue;
    // Version 3 has a length before the kind.
    const kind = body[0] === 3 ? body[2] : body[1];
    if (kind === revocations.key) revoked.add(key);
    if (kind === revocations.subkey) revoked.add(subkey);
  }
  return revoked;
}

/** Of version 4, which nearly all keys are; other versions hash more, and are not looked up. */
function fingerprintOf(body: Uint8Array): string {
  const frame = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  return createHash("sha1").update(frame).update(body).digest("hex").toUpperCase();
}
