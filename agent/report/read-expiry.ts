import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

export interface Expiry {
  readonly file: string;
  /** When the first of its certificates to do so expires, milliseconds since the epoch. */
  readonly notAfterMs: number;
}

/** Reads when the certificates of files (PEM) expire; a file that is as before is not read again. */
export interface ExpiryReader {
  /** Files that cannot be read, or hold no certificate, are left out. */
  read(files: readonly string[]): Promise<Expiry[]>;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** An authority file with the whole world in it is nobody's certificate. */
const MOST_CERTIFICATES = 10;

/** Makes a reader with a memory of its own. */
export function openExpiryReader(): ExpiryReader {
  const known = new Map<string, { readonly version: string; readonly notAfterMs: number | undefined }>();

  async function readOne(file: string): Promise<Expiry | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const version = `${mtimeMs} ${size} ${ino}`;
      const before = known.get(file);
      const notAfterMs = before?.version === version ? before.notAfterMs : findExpiry(await readFile(file, "utf8"));
      known.set(file, { version, notAfterMs });
      return notAfterMs === undefined ? undefined : { file, notAfterMs };
    } catch {
      known.delete(file);
      return undefined;
    }
  }

  return {
    async read(files) {
      return (await Promise.all([...new Set(files)].map(readOne))).filter((expiry) => expiry !== undefined);
    },
  };
}

function findExpiry(pem: string): number | undefined {
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0 || certificates.length > MOST_CERTIFICATES) return undefined;
  return Math.min(...certificates.map((one) => Date.parse(new X509Certificate(one).validTo)));
}
