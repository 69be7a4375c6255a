import { isDeadlinePassed } from "../lib/with-deadline.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";

/** Text that others wrote, as one short line. */
export function oneLine(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

export function unreachable(message: string, cause?: unknown, hint?: string): HoldfastError {
  return holdfastError("source-unreachable", message, { handling: "transient", cause, ...(hint === undefined ? {} : { hint }) });
}

export function refused(message: string, hint: string): HoldfastError {
  return holdfastError("source-refused", message, { handling: "stalled", hint });
}

const notGitHint = "check repository.url: it must be what git clone takes, and no page or login may stand before it";

export function notGit(shown: string, contentType: string | undefined): HoldfastError {
  const what = contentType === undefined ? "an answer without a type" : oneLine(contentType);
  return refused(`${shown} is not a Git server: it sent ${what}`, notGitHint);
}

/** The status of an answer that is no success; `foreign` is the address when a redirect led to another origin. */
export function statusFailure(
  status: number,
  context: { readonly shown: string; readonly authenticated: boolean; readonly foreign?: string | undefined },
): HoldfastError {
  const { shown, authenticated, foreign } = context;
  if (status === 401 || status === 403) {
    if (foreign !== undefined) {
      return refused(
        `${shown} redirects to ${foreign}, which answered ${status}`,
        "credentials are never sent to where a redirect leads: give that address as repository.url",
      );
    }
    return authenticated
      ? refused(
          `${shown} refused the token (${status})`,
          "check that the token in repository.tokenFile is valid and may read this repository, and whether the forge wants repository.username",
        )
      : refused(
          `${shown} asks for credentials (${status})`,
          "give repository.tokenFile with a token that may read this repository",
        );
  }
  if (status === 404 || status === 410) {
    const hint = authenticated
      ? "check repository.url and what the token in repository.tokenFile may read"
      : "check repository.url; forges answer the same for private repositories: give repository.tokenFile";
    return refused(`there is no repository at ${foreign ?? shown} (${status})`, hint);
  }
  if (status >= 500 || status === 408) return unreachable(`${shown} answered ${status}`);
  if (status === 429) return unreachable(`${shown} answered 429: too many requests`);
  return refused(`${shown} answered ${status}`, notGitHint);
}

/** What the server wrote instead of an answer; a ref that moved meanwhile is nothing to wait for. */
export function serverError(shown: string, text: string): HoldfastError {
  if (/not our ref|unadvertised object/i.test(text)) {
    return unreachable(`the branch moved while it was fetched from ${shown}`);
  }
  return refused(`${shown} refused: ${oneLine(text)}`, "see the Git server's log");
}

/** An error of the network or of TLS, or an abort, as one of ours; those of ours pass. */
export function networkFailure(error: unknown, shown: string, signal: AbortSignal): HoldfastError {
  if (isHoldfastError(error)) return error;
  if (signal.aborted) {
    if (isDeadlinePassed(signal.reason)) return unreachable(`${shown} took longer than ${signal.reason.deadlineMs / 1000} s`);
    return holdfastError("aborted", `reading from ${shown} was stopped`, { handling: "transient" });
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = explain(code);
  if (known !== undefined) return unreachable(`${shown}: ${known.message}`, error, known.hint);
  const message = error instanceof Error && error.message !== "" ? oneLine(error.message) : code || "the connection failed";
  return unreachable(`${shown}: ${message}`, error);
}

const untrusted = /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/;
const caHint = "give the PEM file of the authority that signed it as repository.caFile";

const explanations: Readonly<Record<string, string>> = {
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

// All of these are transient: a certificate is renewed, and a host comes back, without any change on this side.
function explain(code: string): { readonly message: string; readonly hint?: string } | undefined {
  if (untrusted.test(code))
    return { message: `its certificate is signed by an authority that is not trusted (${code})`, hint: caHint };
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return {
      message: `its certificate, or the authority's in repository.caFile, is not valid at this time (${code})`,
      hint: "renew the certificate, and check this host's clock",
    };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      message: "its certificate is for another name",
      hint: "use the name in the certificate in repository.url; repository.caFile does not help here",
    };
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    return {
      message: `the TLS handshake failed (${code})`,
      hint: "check that the port in repository.url speaks https; for a private authority give repository.caFile",
    };
  }
  const message = explanations[code];
  return message === undefined ? undefined : { message };
}
