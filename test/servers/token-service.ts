import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "./certificate.ts";

export interface TokenServiceOptions {
  /** Signs the tokens; the registry trusts it. */
  readonly certificate: Certificate;
  /** Users with their passwords, and refresh tokens: who is none of them may pull what `isPublic` says. */
  readonly users?: Readonly<Record<string, string>>;
  readonly refreshTokens?: readonly string[];
  readonly isPublic?: (repository: string) => boolean;
  readonly lifetimeS?: number;
}

export interface TokenRequest {
  readonly method: string;
  readonly scope: string;
  readonly authorization: string | undefined;
  /** Of a form. */
  readonly grantType: string | undefined;
}

export interface TokenService {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  readonly requests: TokenRequest[];
  /** Answers instead of the service while it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** A token to push with, for the test itself. */
  issue(repository: string, actions: readonly string[]): string;
  stop(): Promise<void>;
}

const SERVICE = "test-registry";
const ISSUER = "test-issuer";

/** Starts what docker-registry calls a token server: it gives signed tokens for a scope to those that it knows. */
export async function startTokenService(options: TokenServiceOptions): Promise<TokenService> {
  const { certificate, users = {}, refreshTokens = [], isPublic = () => true, lifetimeS = 300 } = options;
  const key = createPrivateKey(certificate.key);
  const chain = [new X509Certificate(certificate.cert).raw.toString("base64")];
  const sockets = new Set<Socket>();

  function issue(repository: string, actions: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    const access = actions.length === 0 ? [] : [{ type: "repository", name: repository, actions }];
    const times = { iat: now - 5, nbf: now - 5, exp: now + lifetimeS };
    const claims = { iss: ISSUER, aud: SERVICE, sub: "", jti: randomUUID(), ...times, access };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const payload = `${encode({ typ: "JWT", alg: "ES256", x5c: chain })}.${encode(claims)}`;
    return `${payload}.${sign("sha256", Buffer.from(payload), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }

  /** Whether a request may pull; undefined when it claims to be somebody whom the service does not know. */
  function judge(authorization: string | undefined, form: URLSearchParams, repository: string): boolean | undefined {
    const refreshToken = form.get("refresh_token");
    if (refreshToken !== null) return refreshTokens.includes(refreshToken) || undefined;
    if (authorization === undefined) return isPublic(repository);
    const [name = "", password] = Buffer.from(authorization.replace(/^Basic /, ""), "base64")
      .toString("utf8")
      .split(":");
    return (password !== undefined && users[name] === password) || undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(request.method === "POST" ? body : new URL(request.url ?? "", "http://unused").search);
    const { authorization } = request.headers;
    const scope = form.get("scope") ?? "";
    const grantType = form.get("grant_type") ?? undefined;
    service.requests.push({ method: request.method ?? "", scope, authorization, grantType });
    if (service.intercept(request, response)) return;
    const repository = /^repository:(.*):pull$/.exec(scope)?.[1];
    if (repository === undefined || form.get("service") !== SERVICE) return void response.writeHead(400).end();
    const mayPull = judge(authorization, form, repository);
    if (mayPull === undefined) return void response.writeHead(401).end("who is that?\n");
    const token = issue(repository, mayPull ? ["pull"] : []);
    // The two names of the same thing: of docker-registry, and of OAuth 2.
    const named = request.method === "POST" ? { access_token: token } : { token };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ...named, expires_in: lifetimeS }));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const service: TokenService = {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    service: SERVICE,
    issuer: ISSUER,
    requests: [],
    intercept: () => false,
    issue,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return service;
}
