import { createHash } from "node:crypto";

/** A commit or a tag as it was signed. */
export interface SignedObject {
  /** The bytes that the signature is of. */
  readonly payload: Uint8Array;
  /** In its armour; undefined when there is none. */
  readonly signature?: string;
  /** When the object says that it was made, seconds since the epoch. */
  readonly atSeconds: number;
}

// isomorphic-git's own payload is wrong for SSH signatures, and normalises what must stay as it is. Latin-1 keeps every byte.

/** Takes the signature out of a commit's headers. */
export function splitCommit(content: Uint8Array): SignedObject {
  const text = Buffer.from(content).toString("latin1");
  const end = text.indexOf("\n\n");
  const headers = end < 0 ? text : text.slice(0, end);
  const kept: string[] = [];
  const signature: string[] = [];
  let within: string[] = kept;
  for (const line of headers.split("\n")) {
    const continues = line.startsWith(" ");
    const name = line.split(" ", 1)[0];
    // The hash of the other object format is signed beside, and is no part of either payload.
    if (!continues) within = name === "gpgsig" ? signature : name === "gpgsig-sha256" ? [] : kept;
    within.push(within === kept ? line : line.slice(continues ? 1 : "gpgsig ".length));
  }
  const payload = Buffer.from(kept.join("\n") + (end < 0 ? "" : text.slice(end)), "latin1");
  return describe(payload, signature.length === 0 ? undefined : `${signature.join("\n")}\n`, "committer");
}

/** Takes the signature off the end of a tag. */
export function splitTag(content: Uint8Array): SignedObject {
  const text = Buffer.from(content).toString("latin1");
  const starts = [...text.matchAll(/^-----BEGIN (SSH SIGNATURE|PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE)-----$/gm)];
  const at = starts.at(-1)?.index;
  const payload = Buffer.from(at === undefined ? text : text.slice(0, at), "latin1");
  return describe(payload, at === undefined ? undefined : text.slice(at), "tagger");
}

function describe(payload: Buffer, signature: string | undefined, by: string): SignedObject {
  const headers = payload.toString("latin1").split("\n\n", 1)[0] ?? "";
  const atSeconds = Number(new RegExp(`^${by} .* (\\d+) [+-]\\d{4}$`, "m").exec(headers)?.[1] ?? 0);
  return { payload, atSeconds, ...(signature === undefined ? {} : { signature }) };
}

/** Whether a signature is one of SSH's. */
export function isSshSignature(signature: string): boolean {
  return signature.startsWith("-----BEGIN SSH SIGNATURE-----");
}

/** Whether a signature is a detached one of OpenPGP's; Git's old other kinds, whole messages, are nobody's any more. */
export function isOpenPgpSignature(signature: string): boolean {
  return signature.startsWith("-----BEGIN PGP SIGNATURE-----");
}

/** The key that an SSH signature claims to be of, as ssh-keygen -l shows it: `SHA256:…`. */
export function fingerprintOf(signature: string): string {
  const bytes = Buffer.from(signature.replace(/-----[^\n]*-----/g, ""), "base64");
  // A magic of six bytes, a version of four, then the length of the key and the key.
  if (bytes.length < 14) return "that cannot be read";
  const key = bytes.subarray(14, 14 + bytes.readUInt32BE(10));
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
