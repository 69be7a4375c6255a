/** What can be done about it differs by this alone. */
export type NetworkProblem =
  | "untrusted-certificate"
  | "certificate-not-valid-now"
  | "certificate-for-another-name"
  | "no-tls"
  | "no-connection";

export interface NetworkExplanation {
  readonly problem: NetworkProblem;
  /** Without a subject: `the connection was refused`. */
  readonly message: string;
}

const untrusted = /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/;

const connections: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name of the host cannot be resolved",
  EAI_AGAIN: "the name of the host cannot be resolved now",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  UND_ERR_SOCKET: "the connection was closed",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "connecting took too long",
  UND_ERR_CONNECT_TIMEOUT: "connecting took too long",
  UND_ERR_HEADERS_TIMEOUT: "no answer came in time",
  UND_ERR_BODY_TIMEOUT: "the answer stopped coming",
};

/** The code that Node.js or undici gave to an error, or "". */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** What an error code of undici, Node.js or OpenSSL means; undefined when it is not known. */
export function explainNetworkError(code: string): NetworkExplanation | undefined {
  if (untrusted.test(code)) {
    return {
      problem: "untrusted-certificate",
      message: `its certificate is signed by an authority that is not trusted (${code})`,
    };
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return {
      problem: "certificate-not-valid-now",
      message: `its certificate, or that of the authority, is not valid at this time (${code})`,
    };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return { problem: "certificate-for-another-name", message: "its certificate is for another name" };
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    return { problem: "no-tls", message: `the TLS handshake failed (${code})` };
  }
  const message = connections[code];
  return message === undefined ? undefined : { problem: "no-connection", message };
}
