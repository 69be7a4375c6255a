import { errorCode, explainNetworkError, type NetworkProblem } from "../lib/explain-network-error.ts";
import { oneLine } from "../lib/one-line.ts";
import { isProxyError } from "../lib/proxy-error.ts";
import { isDeadlinePassed } from "../lib/with-deadline.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";

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

interface StatusContext {
  readonly shown: string;
  readonly authenticated: boolean;
  /** The address when a redirect led to another origin. */
  readonly foreign?: string | undefined;
  /** A proxy that may have answered instead of the server. */
  readonly via?: string | undefined;
}

/** The status of an answer that is no success. */
export function statusFailure(status: number, { shown, authenticated, foreign, via }: StatusContext): HoldfastError {
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
  if (status >= 500 || status === 408) {
    return unreachable(`${shown} answered ${status}${via === undefined ? "" : `, or the proxy ${via} did`}`);
  }
  if (status === 429) return unreachable(`${shown} answered 429: too many requests`);
  return refused(`${shown} answered ${status}`, notGitHint);
}

/** What the server wrote instead of an answer; a ref that moved meanwhile is nothing to wait for. */
export function serverError(shown: string, text: string): HoldfastError {
  if (/not our ref|unadvertised object/i.test(text)) {
    const message = `the branch moved while it was fetched from ${shown}`;
    return holdfastError("source-moved", message, { handling: "transient" });
  }
  return refused(`${shown} refused: ${oneLine(text)}`, "see the Git server's log");
}

/** An error of the network, of a proxy or of TLS, or an abort, as one of ours; those of ours pass. */
export function networkFailure(error: unknown, shown: string, signal: AbortSignal): HoldfastError {
  if (isHoldfastError(error)) return error;
  if (signal.aborted) {
    if (isDeadlinePassed(signal.reason)) return unreachable(`${shown} took longer than ${signal.reason.deadlineMs / 1000} s`);
    return holdfastError("aborted", `reading from ${shown} was stopped`, { handling: "transient" });
  }
  if (isProxyError(error)) {
    return error.lasting
      ? refused(`${shown}: ${error.message}`, error.hint)
      : unreachable(`${shown}: ${error.message}`, error, error.hint);
  }
  const code = errorCode(error);
  const known = explainNetworkError(code);
  if (known !== undefined) return unreachable(`${shown}: ${known.message}`, error, hints[known.problem]);
  const message = error instanceof Error && error.message !== "" ? oneLine(error.message) : code || "the connection failed";
  return unreachable(`${shown}: ${message}`, error);
}

// All of these are transient: a certificate is renewed, and a host comes back, without any change on this side.
const hints: Readonly<Partial<Record<NetworkProblem, string>>> = {
  "untrusted-certificate": "give the PEM file of the authority that signed it as repository.caFile",
  "certificate-not-valid-now": "renew the certificate, or the authority's in repository.caFile, and check this host's clock",
  "certificate-for-another-name": "use the name in the certificate in repository.url; repository.caFile does not help here",
  "no-tls": "check that the port in repository.url speaks https; for a private authority give repository.caFile",
};
