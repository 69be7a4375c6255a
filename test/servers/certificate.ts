import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { createTemporaryDirectory } from "./temporary-directory.ts";

export interface Certificate {
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
  /** The certificate as a file, for a client's `caFile`: it is its own authority. */
  readonly certFile: string;
}

/** Makes a self-signed certificate for 127.0.0.1 and localhost. */
export async function createCertificate(): Promise<Certificate> {
  const directory = createTemporaryDirectory("hf-tls-");
  const keyFile = join(directory, "key.pem");
  const certFile = join(directory, "cert.pem");
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  await runCommand(["openssl", ...request, ...names, "-keyout", keyFile, "-out", certFile]);
  return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8"), certFile };
}
