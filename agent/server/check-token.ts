import type { IncomingMessage } from "node:http";
import { equalSecrets } from "./equal-secrets.ts";
import { readSecret } from "./read-secret.ts";
import { type Answer, plainText } from "./route.ts";
import type { Warnings } from "./warnings.ts";

/** Undefined when a request carries the token, otherwise what it is answered. */
export type TokenCheck = (incoming: IncomingMessage) => Promise<Answer | undefined>;

/** Checks `Authorization: Bearer TOKEN` against a file, which is read for each request; without a file nobody has the token. */
export function openTokenCheck(file: string | undefined, warnings: Warnings): TokenCheck {
  return async (incoming) => {
    if (file === undefined) return unauthorized("no token is configured: set tokenFile in agent.yaml");
    const secret = await readSecret(file);
    warnings.set("tokenFile", "problem" in secret ? secret.problem : undefined);
    if ("problem" in secret) return plainText(503, "the token cannot be checked; the agent's log says why");
    const [, given] = /^Bearer +(\S+) *$/i.exec(incoming.headers.authorization ?? "") ?? [];
    if (given === undefined) return unauthorized("send the token: Authorization: Bearer TOKEN");
    return equalSecrets(given, secret.value) ? undefined : unauthorized("the token is wrong");
  };
}

function unauthorized(line: string): Answer {
  return plainText(401, line, { "www-authenticate": 'Bearer realm="holdfast"' });
}
