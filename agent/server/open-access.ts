import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../ports.ts";
import { equalSecrets } from "./equal-secrets.ts";
import type { ListenAddress } from "./listen-address.ts";
import { type Budget, openBudget } from "./open-budget.ts";
import { openSessions, SESSION_MS, type Session } from "./open-sessions.ts";
import { readCookie } from "./read-cookie.ts";
import { readSecret } from "./read-secret.ts";
import { type AccessLevel, type Answer, plainText } from "./route.ts";
import type { TellSeldom } from "./tell-seldom.ts";
import type { Warnings } from "./warnings.ts";

export interface AccessOptions {
  readonly listen: ListenAddress;
  readonly tokenFile?: string;
  readonly clock: Clock;
  readonly warnings: Warnings;
  readonly tellSeldom: TellSeldom;
}

/** Who may ask for what. The token's file is read for each request, so that it can be replaced at any time. */
export interface Access {
  /** Whether anybody can sign in at all. */
  readonly hasToken: boolean;
  /** Whether who only reads has to show the token. */
  readonly isReadingGuarded: boolean;
  /** Whether others on the way can read what a request carries. */
  isInTheClear(incoming: IncomingMessage): boolean;
  /** The session of a request, and what it is refused with. */
  check(incoming: IncomingMessage, level: AccessLevel): Promise<{ readonly refusal?: Answer; readonly session?: Session }>;
  /** The cookie that a token is turned into, as a `set-cookie` header; or what a wrong one is answered. */
  signIn(incoming: IncomingMessage, token: string): Promise<{ readonly cookie: string } | { readonly refusal: Answer }>;
  /** Ends a request's session; returns the `set-cookie` header that forgets it. */
  signOut(incoming: IncomingMessage): string;
}

/** Ten wrong tokens at once, then one every six seconds. A right one waits with the wrong ones, or the limit would limit nothing. */
const WRONG_TOKENS = { burst: 10, everyMs: 6_000 };

/** Checks tokens and sessions. Without a token's file nobody has the token, and who only reads on a loopback address needs none. */
export function openAccess(options: AccessOptions): Access {
  const { listen, tokenFile, clock, warnings, tellSeldom } = options;
  const sessions = openSessions(clock);
  const budget = openBudget(WRONG_TOKENS, clock);
  const isReadingGuarded = !listen.loopback;
  // Browsers do not tell ports apart where cookies are concerned.
  const cookieName = (incoming: IncomingMessage): string =>
    `${isEncrypted(incoming) ? "__Host-" : ""}holdfast-${incoming.socket.localPort}`;

  async function readToken(): Promise<Buffer | Answer> {
    if (tokenFile === undefined) return forbidden("no token is configured: set tokenFile in agent.yaml");
    const secret = await readSecret(tokenFile);
    warnings.set("tokenFile", "problem" in secret ? secret.problem : undefined);
    return "problem" in secret ? plainText(503, "the token cannot be checked; the agent's log says why") : secret.value;
  }

  async function findSession(incoming: IncomingMessage): Promise<Session | undefined> {
    const value = readCookie(incoming.headers.cookie, cookieName(incoming));
    if (value === undefined) return undefined;
    const token = await readToken();
    return Buffer.isBuffer(token) ? sessions.find(value, token) : undefined;
  }

  function judgeToken(incoming: IncomingMessage, given: string | undefined, token: Buffer): Answer | undefined {
    if (given === undefined) return unauthorized("send the token: Authorization: Bearer TOKEN");
    const { remoteAddress } = incoming.socket;
    const waitMs = budget.waitMs(remoteAddress);
    if (waitMs > 0) return tooMany(waitMs, "too many wrong tokens from this address");
    if (equalSecrets(given, token)) return undefined;
    noteWrong(budget, incoming, tellSeldom);
    return unauthorized("the token is wrong");
  }

  async function checkToken(incoming: IncomingMessage, isReading: boolean): Promise<Answer | undefined> {
    const token = await readToken();
    if (Buffer.isBuffer(token)) return judgeToken(incoming, readBearer(incoming), token);
    return token.status === 403 && isReading ? unauthorized("no token is configured: set tokenFile in agent.yaml") : token;
  }

  return {
    hasToken: tokenFile !== undefined,
    isReadingGuarded,
    isInTheClear: (incoming) => isReadingGuarded && !isEncrypted(incoming),
    async check(incoming, level) {
      // A change of the API has to carry the token itself: a browser adds cookies to what other sites make it send.
      const session = level === "writer" ? undefined : await findSession(incoming);
      const named = session === undefined ? {} : { session };
      if (level === "everybody" || session !== undefined) return named;
      if (level === "session") return { refusal: unauthorized("sign in first") };
      const isReading = level === "reader";
      if (isReading && !isReadingGuarded) return named;
      const refusal = await checkToken(incoming, isReading);
      return refusal === undefined ? named : { refusal };
    },
    async signIn(incoming, given) {
      const token = await readToken();
      if (!Buffer.isBuffer(token)) return { refusal: token };
      const refusal = judgeToken(incoming, given.trim(), token);
      if (refusal !== undefined) return { refusal };
      const value = sessions.begin(token);
      return { cookie: writeCookie(cookieName(incoming), value, SESSION_MS / 1000, isEncrypted(incoming)) };
    },
    signOut(incoming) {
      const name = cookieName(incoming);
      const value = readCookie(incoming.headers.cookie, name);
      if (value !== undefined) sessions.end(value);
      return writeCookie(name, "", 0, isEncrypted(incoming));
    },
  };
}

/** An answer for who does something too often. */
export function tooMany(waitMs: number, line: string): Answer {
  const seconds = Math.ceil(waitMs / 1000);
  return plainText(429, `${line}: try again in ${seconds} s`, { "retry-after": String(seconds) });
}

function noteWrong(budget: Budget, { socket, headers }: IncomingMessage, tellSeldom: TellSeldom): void {
  budget.spend(socket.remoteAddress);
  tellSeldom({ remote: socket.remoteAddress, agent: headers["user-agent"] }, "wrong token");
}

function readBearer({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
}

function isEncrypted({ socket }: IncomingMessage): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

function writeCookie(name: string, value: string, seconds: number, secure: boolean): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? "; Secure" : ""}`;
}

function unauthorized(line: string): Answer {
  return plainText(401, line, { "www-authenticate": 'Bearer realm="holdfast"' });
}

function forbidden(line: string): Answer {
  return plainText(403, line);
}
