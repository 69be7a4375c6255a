import type { HttpRequest, HttpResponse } from "../lib/http-client.ts";
import { isInsecure } from "./list-addresses.ts";
import type { Connection, ConnectionOptions } from "./open-connection.ts";
import type { Challenge } from "./parse-challenge.ts";
import type { Credentials } from "./read-credentials.ts";
import { type AnswerContext, refused, statusFailure, unreachable } from "./registry-failure.ts";

export interface TokenRequest {
  readonly connection: Connection;
  readonly challenge: Extract<Challenge, { readonly scheme: "bearer" }>;
  /** Path of the repository in the registry. */
  readonly repository: string;
  readonly credentials: Credentials;
  readonly addresses: Pick<ConnectionOptions, "insecureRegistries">;
  readonly context: AnswerContext;
  /** Sees the answer before it is judged: it may say to leave the service alone. */
  readonly observe: (response: HttpResponse) => void;
}

export interface Token {
  readonly value: string;
  /** From when it was given; 60 when the service does not say. */
  readonly lifetimeMs: number;
}

const ANSWER_BYTES = 1024 * 1024;
const USUAL_LIFETIME_S = 60;

/** Gets a token to pull from one repository at the service that the registry named: by the credentials, or anonymously. */
export async function requestToken(request: TokenRequest, signal: AbortSignal): Promise<Token> {
  const { connection, credentials, context, observe } = request;
  if (credentials.kind === "registry-token") return { value: checkToken(credentials.token, context), lifetimeMs: 0 };
  const realm = checkRealm(request);
  const response = await connection.sendTo(describeRequest(request, realm, signal));
  observe(response);
  if (response.status !== 200) {
    await response.discard();
    const authenticated = credentials.kind !== "none";
    // Docker Hub says 401 for a wrong password, GitHub 403 for what an anonymous user may not see.
    if (response.status === 401 || response.status === 403) throw statusFailure(response.status, { ...context, authenticated });
    const message = `${context.image}: the token service ${realm.host} of ${context.registry} answered ${response.status}`;
    if (response.status >= 500 || response.status === 429 || response.status === 408) throw unreachable(message);
    throw refused(message, "check what the registry's configuration names as its token service");
  }
  const answer = parseAnswer(await readText(response));
  const { token, access_token, expires_in } = answer ?? {};
  const seconds = typeof expires_in === "number" && expires_in > 0 ? expires_in : USUAL_LIFETIME_S;
  return { value: checkToken(token || access_token, context), lifetimeMs: seconds * 1000 };
}

// Credentials go there: in plain text only where the registry itself is spoken to in plain text, on this machine or as configured.
function checkRealm({ challenge, connection, addresses, context }: TokenRequest): URL {
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : undefined;
  const isPlain = realm?.protocol === "http:" && connection.scheme() === "http" && isInsecure(realm.host, addresses);
  if (realm !== undefined && (realm.protocol === "https:" || isPlain)) return realm;
  const shown = realm === undefined ? "no address" : realm.origin;
  throw refused(
    `${context.image}: ${context.registry} names ${shown} as its token service, which is not asked`,
    "the token service must speak https",
  );
}

function describeRequest({ challenge, repository, credentials }: TokenRequest, realm: URL, signal: AbortSignal): HttpRequest {
  const scope = `repository:${repository}:pull`;
  const service: Record<string, string> = challenge.service === undefined ? {} : { service: challenge.service };
  const headers = { accept: "application/json", "user-agent": "holdfast" };
  if (credentials.kind === "identity-token") {
    const form = { grant_type: "refresh_token", client_id: "holdfast", ...service, scope, refresh_token: credentials.token };
    const body = Buffer.from(new URLSearchParams(form).toString());
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return { method: "POST", url: realm, headers: { ...headers, ...type }, body, signal };
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries({ ...service, scope })) url.searchParams.set(name, value);
  return { method: "GET", url, headers: { ...headers, ...describePassword(credentials) }, signal };
}

/** The header for a password; empty without one. */
export function describePassword(credentials: Credentials): { readonly authorization?: string } {
  if (credentials.kind !== "password") return {};
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

function checkToken(token: unknown, { image, registry }: AnswerContext): string {
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  throw unreachable(`${image}: the token service of ${registry} gave no token`);
}

async function readText(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > ANSWER_BYTES) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseAnswer(text: string): Record<string, unknown> | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? { ...answer } : undefined;
  } catch {
    return undefined;
  }
}
