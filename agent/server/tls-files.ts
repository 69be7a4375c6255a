import { readFile, stat } from "node:fs/promises";
import type { Server } from "node:https";
import type { SecureContextOptions } from "node:tls";
import type { Clock } from "../ports.ts";
import type { Warnings } from "./warnings.ts";

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** How seldom the files are looked at, and only when somebody connects. */
const LOOK_EVERY_MS = 60_000;

/** Certificate and key as they are now. Throws an error of one line that names the file. */
export async function readTls({ certFile, keyFile }: TlsFiles): Promise<SecureContextOptions> {
  const read = (name: string, path: string): Promise<Buffer> =>
    readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw new Error(`tls.${name} ${path} cannot be read (${cause.code ?? cause.message})`);
    });
  const [cert, key] = await Promise.all([read("certFile", certFile), read("keyFile", keyFile)]);
  const options: SecureContextOptions = { cert, key };
  // A bundle would load it for everybody if it stood above.
  const { createSecureContext } = await import("node:tls");
  try {
    createSecureContext(options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^error:[0-9A-F]+:/, "") : String(cause);
    throw new Error(`tls: ${certFile} and ${keyFile} cannot be used: ${reason}`);
  }
  return options;
}

/** Takes a renewed certificate for the connections that come after the one that showed it, since nobody restarts an agent for it. */
export function followTls(server: Server, files: TlsFiles, { clock, warnings }: { clock: Clock; warnings: Warnings }): void {
  let lookedAtMs = clock.nowMs();
  let known: string | undefined;
  const look = async (): Promise<void> => {
    const found = await fingerprint(files);
    if (found === known) return;
    known = found;
    try {
      server.setSecureContext(await readTls(files));
      warnings.set("tls", undefined);
    } catch (cause) {
      warnings.set("tls", `the certificate in use stays: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  };
  void fingerprint(files).then((found) => {
    known = found;
  });
  server.on("connection", () => {
    if (clock.nowMs() - lookedAtMs < LOOK_EVERY_MS) return;
    lookedAtMs = clock.nowMs();
    void look();
  });
}

async function fingerprint({ certFile, keyFile }: TlsFiles): Promise<string> {
  const facts = [certFile, keyFile].map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    return `${found?.ino} ${found?.size} ${found?.mtimeMs}`;
  });
  return (await Promise.all(facts)).join("\n");
}
