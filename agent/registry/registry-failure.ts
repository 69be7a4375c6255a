import { errorCode, explainNetworkError } from "../lib/explain-network-error.ts";
import { oneLine } from "../lib/one-line.ts";
import { isProxyError } from "../lib/proxy-error.ts";
import { isDeadlinePassed } from "../lib/with-deadline.ts";
import { type HoldfastError, holdfastError, isHoldfastError } from "../model/error.ts";

/** A registry that cannot be reached now, or does not work. */
export function unreachable(message: string, details: { cause?: unknown; hint?: string } = {}): HoldfastError {
  return holdfastError("registry-unreachable", message, { handling: "transient", ...details });
}

/** A registry that answers, and will answer the same until something is changed. */
export function refused(message: string, hint: string): HoldfastError {
  return holdfastError("registry-refused", message, { handling: "stalled", hint });
}

/** A registry that is left alone until `retryAtMs` (milliseconds since the epoch). */
export function held(message: string, retryAtMs: number): HoldfastError {
  const hint = "pulls count towards the same limit; with credentials most registries allow more of them";
  return Object.assign(holdfastError("registry-refused", message, { handling: "transient", hint }), { retryAtMs });
}

/** Where an answer came from, in words. */
export interface AnswerContext {
  /** The reference, as it was asked for. */
  readonly image: string;
  readonly registry: string;
  /** Docker's config.json, which may hold credentials. */
  readonly configFile: string;
  readonly authenticated: boolean;
  /** The host that a redirect led to. */
  readonly foreign?: string | undefined;
}

/** The status of a registry's answer that is no success. Nothing of its text is shown: it may repeat what it was sent. */
export function statusFailure(status: number, context: AnswerContext): HoldfastError {
  const { image, registry, configFile, authenticated, foreign } = context;
  const at = foreign === undefined ? registry : `${foreign}, where ${registry} redirects to,`;
  if (status === 401 || status === 403) {
    if (foreign !== undefined) {
      return refused(`${image}: ${at} answered ${status}`, "credentials are never sent to where a redirect leads");
    }
    return authenticated
      ? refused(
          `${image}: ${registry} refused the credentials of ${configFile} (${status})`,
          "check that they are valid and may read this repository",
        )
      : refused(
          `${image}: ${registry} asks for credentials (${status}), and ${configFile} has none for it`,
          `check the name, or log in with docker login${registry === "docker.io" ? "" : ` ${registry}`} and give docker.configFile`,
        );
  }
  if (status === 404) {
    const hint = "check repository and tag; a registry may answer the same where credentials are missing";
    return refused(`${image} is not in its registry (404 from ${at.replace(/,$/, "")})`, hint);
  }
  if (status >= 500 || status === 408 || status === 429) return unreachable(`${image}: ${at} answered ${status}`);
  return refused(`${image}: ${at} answered ${status}`, "check that this is the address of a registry");
}

/** An error of the network, of a proxy or of TLS, or an abort, as one of ours; those of ours pass. */
export function networkFailure(error: unknown, image: string, registry: string, signal: AbortSignal): HoldfastError {
  if (isHoldfastError(error)) return error;
  const shown = `${image}: ${registry}`;
  if (signal.aborted) {
    if (isDeadlinePassed(signal.reason)) return unreachable(`${shown} took longer than ${signal.reason.deadlineMs / 1000} s`);
    return holdfastError("aborted", `asking ${registry} for ${image} was stopped`, { handling: "transient" });
  }
  if (isProxyError(error)) {
    const message = `${shown}: ${error.message}`;
    return error.lasting ? refused(message, error.hint) : unreachable(message, { cause: error, hint: error.hint });
  }
  const code = errorCode(error);
  const known = explainNetworkError(code);
  if (known === undefined) {
    const message = error instanceof Error && error.message !== "" ? oneLine(error.message) : code;
    return unreachable(`${shown}: ${message || "the connection failed"}`, { cause: error });
  }
  const hints: Readonly<Record<typeof known.problem, string | undefined>> = {
    "untrusted-certificate": `put the authority's PEM file where Docker looks for it: /etc/docker/certs.d/${registry}/ca.crt`,
    "certificate-not-valid-now": "renew the certificate, and check this host's clock",
    "certificate-for-another-name": "use the name in the certificate in the image's reference",
    "no-tls": "a registry without TLS is asked only at a loopback address, or as one of Docker's insecure-registries",
    "no-connection": undefined,
  };
  const hint = hints[known.problem];
  return unreachable(`${shown}: ${known.message}`, { cause: error, ...(hint === undefined ? {} : { hint }) });
}
