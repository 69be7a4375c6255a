import type { Hmac } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Log } from "../ports.ts";
import { hasSignature, hasToken, isSigned, openHmac } from "./check-signature.ts";
import { readBody } from "./read-body.ts";
import { extractPayload, isForm, readPush } from "./read-push.ts";
import { readSecret } from "./read-secret.ts";
import { type Answer, plainText, type Route } from "./route.ts";
import { printable, type TellSeldom } from "./tell-seldom.ts";
import type { Warnings } from "./warnings.ts";

export interface GitHookOptions {
  readonly secretFile: string;
  /** Whether a push to this ref (`refs/heads/main`) concerns what this host follows. */
  readonly follows: (ref: string) => boolean;
  /** Has the repository asked soon; returns whether nobody asked for that before. */
  readonly nudge: () => boolean;
  readonly warnings: Warnings;
  readonly log: Log;
  readonly tellSeldom: TellSeldom;
}

/** GitHub and GitLab send no more than 25 MiB; their signature is over all of it. */
const MOST_BYTES = 25 * 1024 * 1024;
/** What is kept to look for the ref. A larger push is checked as it streams by, and then taken for one that concerns this host. */
const KEEP_BYTES = 1024 * 1024;

/** `POST /hooks/git`: a push, told by whoever knows the secret, has the repository asked at once. It carries nothing else in. */
export function gitHook(options: GitHookOptions): Route {
  return {
    path: "/hooks/git",
    method: "POST",
    access: "everybody",
    isUncounted: true,
    answer: (incoming) => answer(incoming, options),
  };
}

async function answer(incoming: IncomingMessage, options: GitHookOptions): Promise<Answer> {
  const { secretFile, warnings, tellSeldom } = options;
  const { headers } = incoming;
  const secret = await readSecret(secretFile);
  warnings.set("webhookSecretFile", "problem" in secret ? secret.problem : undefined);
  if ("problem" in secret) return plainText(503, "the secret cannot be read; the agent's log says why");
  // What nobody signed is read to its end all the same, so that the forge can show the answer.
  const hmac = isSigned(headers) ? openHmac(secret.value) : undefined;
  const body = await readBody(incoming, { mostBytes: MOST_BYTES, keepBytes: KEEP_BYTES }, (piece) => void hmac?.update(piece));
  if (body.tooLarge) {
    tellSeldom(describeSender(incoming), "webhook refused: more than 25 MiB, which no forge sends");
    return plainText(413, `the payload is larger than ${MOST_BYTES} bytes, so that its signature was not checked`);
  }
  const payload = body.content === undefined ? undefined : extractPayload(headers, body.content);
  const isAuthentic = hmac !== undefined && checkSender(headers, hmac, payload, secret.value);
  if (!isAuthentic) {
    const problem = hmac === undefined ? "it carries no signature" : "its signature is wrong";
    tellSeldom({ ...describeSender(incoming), problem }, "webhook refused");
    return plainText(401, `${problem}: give the forge the secret in webhookSecretFile`);
  }
  return body.content === undefined ? accept("a large push", undefined, options) : act(incoming, payload, options);
}

/** All ways are tried, whichever fits: that takes the same time for what is nearly right and what is not. */
function checkSender(headers: IncomingHttpHeaders, hmac: Hmac, payload: string | undefined, secret: Uint8Array): boolean {
  const checks = [hasToken(headers, secret), hasSignature(headers, hmac)];
  // Of a form, Gitea, Forgejo and Gogs sign the payload, GitHub the body.
  if (isForm(headers) && payload !== undefined) checks.push(hasSignature(headers, openHmac(secret).update(payload)));
  return checks.includes(true);
}

/** What an authentic delivery brings about. */
function act({ headers }: IncomingMessage, payload: string | undefined, options: GitHookOptions): Answer {
  const delivery = readPush(headers, payload);
  switch (delivery.kind) {
    case "ping":
      return plainText(200, "pong: pushes to what this host follows will have it look at once");
    case "other":
      return plainText(200, `ignored: ${printable(delivery.event)} is no push`);
    case "unreadable":
      return plainText(400, "the payload is neither a JSON object nor a form whose field payload is one");
    case "push": {
      const { ref } = delivery;
      if (ref !== undefined && !options.follows(ref)) return plainText(200, `ignored: ${printable(ref)} is not followed here`);
      return accept(ref === undefined ? "a push" : printable(ref), ref, options);
    }
    default:
      return delivery satisfies never;
  }
}

function accept(what: string, ref: string | undefined, { nudge, log }: GitHookOptions): Answer {
  if (nudge()) log.info(ref === undefined ? {} : { ref: printable(ref) }, "woken by a push");
  return plainText(202, `accepted: ${what}; the repository is asked`);
}

function describeSender({ headers, socket }: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return { remote: socket.remoteAddress, agent: headers["user-agent"] };
}
