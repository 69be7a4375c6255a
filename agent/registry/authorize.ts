import type { HttpResponse } from "../lib/http-client.ts";
import type { Connection, ConnectionOptions } from "./open-connection.ts";
import { type Challenge, parseChallenge } from "./parse-challenge.ts";
import { type CredentialOptions, readCredentials } from "./read-credentials.ts";
import type { AnswerContext } from "./registry-failure.ts";
import { describePassword, requestToken } from "./request-token.ts";

export interface AuthorizerOptions {
  readonly connection: Connection;
  readonly credentials: CredentialOptions;
  readonly addresses: Pick<ConnectionOptions, "insecureRegistries">;
  readonly nowMs: () => number;
}

export interface AuthorizationRequest {
  readonly repository: string;
  readonly context: AnswerContext;
  readonly observe: (response: HttpResponse) => void;
}

/** What makes one registry answer. Credentials are read when they are needed and not kept; tokens are, until they expire. */
export interface Authorizer {
  /** The header to send before being asked for one, once it is known how this registry asks. */
  prepare(request: AuthorizationRequest, signal: AbortSignal): Promise<string | undefined>;
  /** The header that a 401 asks for, made anew; undefined when there is nothing to give. */
  answer(challenge: string | undefined, request: AuthorizationRequest, signal: AbortSignal): Promise<string | undefined>;
  /** Whether the last header was made of credentials. */
  usesCredentials(): boolean;
}

/** A token is not used in its last seconds: it may expire on the way. */
const MARGIN_MS = 10_000;

/** Makes the authorizer of one registry. */
export function openAuthorizer(registry: string, options: AuthorizerOptions): Authorizer {
  const { connection, addresses, nowMs } = options;
  const tokens = new Map<string, { readonly value: string; readonly givenAtMs: number; readonly expiresAtMs: number }>();
  /** How the registry asked last. */
  let known: Challenge | undefined;
  let authenticated = false;

  async function authorize(
    challenge: Challenge,
    request: AuthorizationRequest,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const credentials = await readCredentials(registry, options.credentials, signal);
    authenticated = credentials.kind !== "none";
    if (challenge.scheme === "basic") return describePassword(credentials).authorization;
    const { value, lifetimeMs } = await requestToken({ ...request, connection, challenge, credentials, addresses }, signal);
    const givenAtMs = nowMs();
    tokens.set(request.repository, { value, givenAtMs, expiresAtMs: givenAtMs + lifetimeMs - MARGIN_MS });
    return `Bearer ${value}`;
  }

  function dropExpired(): void {
    const now = nowMs();
    for (const [repository, { givenAtMs, expiresAtMs }] of tokens) {
      if (now >= expiresAtMs || now < givenAtMs) tokens.delete(repository);
    }
  }

  return {
    async prepare(request, signal) {
      // Where it is found again after a failure, it is asked first what it wants.
      if (connection.scheme() === undefined) return undefined;
      dropExpired();
      const token = tokens.get(request.repository);
      if (token !== undefined) return `Bearer ${token.value}`;
      if (known === undefined) return undefined;
      try {
        return await authorize(known, request, signal);
      } catch (error) {
        // The registry may have another token service by now: the next question begins with asking it.
        known = undefined;
        throw error;
      }
    },

    async answer(header, request, signal) {
      known = undefined;
      const challenge = parseChallenge(header ?? "");
      if (challenge === undefined) return undefined;
      const authorization = await authorize(challenge, request, signal);
      known = challenge;
      return authorization;
    },

    usesCredentials: () => authenticated,
  };
}
