import { createHash } from "node:crypto";
import type { HttpResponse } from "../lib/http-client.ts";
import type { Environment } from "../lib/select-proxy.ts";
import { withDeadline } from "../lib/with-deadline.ts";
import { type ImageReference, parseImageReference, renderImageReference } from "../model/parse-image-reference.ts";
import type { Registry } from "../ports.ts";
import { type Authorizer, openAuthorizer } from "./authorize.ts";
import { type Connection, openConnection, type RegistryAnswer } from "./open-connection.ts";
import { longestHoldMs, type RateHold, readRateHold } from "./rate-limit.ts";
import { type AnswerContext, held, networkFailure, refused, statusFailure } from "./registry-failure.ts";

export interface RegistryOptions {
  /** Docker's config.json with the credentials; by default the one that Compose reads. */
  readonly configFile?: string;
  /** Certificates by registry; by default where Docker has them. */
  readonly certificatesDirectory?: string;
  /** Registries and blocks of addresses that may be asked without TLS, as Docker's `insecure-registries`; loopback always may. */
  readonly insecureRegistries?: readonly string[];
  /** The same as the engine says it now; asked when a registry has no TLS that is trusted. Those may have any certificate, too. */
  readonly listInsecure?: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Where a registry is, by its name, when it is not at its name. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Where credential helpers are looked up. */
  readonly helperPath?: string;
  /** Where HTTPS_PROXY and its like are looked up; the process's own by default. */
  readonly environment?: Environment;
  /** For one image; 30 s by default. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number;
}

interface State {
  readonly connection: Connection;
  readonly authorizer: Authorizer;
  hold: RateHold | undefined;
  /** One image at a time: requests share the connection and the tokens. */
  queue: Promise<unknown>;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TIMEOUT_MS = 30_000;
/** Registries accept no larger manifest. */
const MANIFEST_BYTES = 4 * 1024 * 1024;
/** An index first: what a tag names is the index where there is one. */
const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** The registries that images come from, over the protocol of the OCI distribution specification. */
export function openRegistry(options: RegistryOptions = {}): Registry {
  const { timeoutMs = TIMEOUT_MS, nowMs = Date.now } = options;
  const configFile = options.configFile ?? "/root/.docker/config.json";
  const certificatesDirectory = options.certificatesDirectory ?? "/etc/docker/certs.d";
  const states = new Map<string, State>();
  // What the engine said last holds for token services too.
  const addresses = { insecureRegistries: options.insecureRegistries ?? [] };
  const listInsecure =
    options.listInsecure &&
    (async (signal: AbortSignal): Promise<readonly string[]> => {
      // Without an answer none is: the registry's own error says more than the engine's.
      const told = (await options.listInsecure?.(signal).catch(() => undefined)) ?? [];
      addresses.insecureRegistries = [...(options.insecureRegistries ?? []), ...told];
      return addresses.insecureRegistries;
    });

  function open(registry: string): State {
    const known = states.get(registry);
    if (known !== undefined) return known;
    const connection = openConnection(registry, { ...options, certificatesDirectory, listInsecure });
    const credentials = { configFile, helperPath: options.helperPath ?? PATH };
    const authorizer = openAuthorizer(registry, { connection, credentials, addresses, nowMs });
    const state: State = { connection, authorizer, hold: undefined, queue: Promise.resolve() };
    states.set(registry, state);
    return state;
  }

  async function ask(method: "GET" | "HEAD", reference: ImageReference, signal: AbortSignal): Promise<HttpResponse> {
    const { registry, repository, tag } = reference;
    const state = open(registry);
    const image = renderImageReference(reference);
    const observe = (response: HttpResponse): void => {
      state.hold = readRateHold(response, nowMs()) ?? state.hold;
    };
    const context: AnswerContext = { image, registry, configFile, authenticated: false };
    const send = async (authorization: string | undefined): Promise<RegistryAnswer> => {
      const headers = { accept: MANIFEST_TYPES.join(", ") };
      const path = `/v2/${repository}/manifests/${tag}`;
      const answer = await state.connection.send({ method, path, headers, authorization, signal });
      observe(answer.response);
      return answer;
    };
    const request = { repository, context, observe };
    let authorization = await state.authorizer.prepare(request, signal);
    let answer = await send(authorization);
    if (answer.response.status === 401 && answer.foreign === undefined) {
      const challenge = answer.response.header("www-authenticate");
      await answer.response.discard();
      authorization = await state.authorizer.answer(challenge, request, signal);
      if (authorization === undefined) throw statusFailure(401, context);
      answer = await send(authorization);
    }
    if (answer.response.status === 200) return answer.response;
    await answer.response.discard();
    if (method === "HEAD" && (answer.response.status === 405 || answer.response.status === 501)) return answer.response;
    const authenticated = state.authorizer.usesCredentials();
    throw statusFailure(answer.response.status, { ...context, authenticated, foreign: answer.foreign });
  }

  async function askForDigest(reference: ImageReference, signal: AbortSignal): Promise<string> {
    const head = await ask("HEAD", reference, signal);
    const digest = head.header("docker-content-digest") ?? "";
    await head.discard();
    if (head.status === 200 && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
    return await hashManifest(await ask("GET", reference, signal), renderImageReference(reference));
  }

  async function askInTurn(reference: ImageReference, signal: AbortSignal): Promise<string> {
    const { registry } = reference;
    const image = renderImageReference(reference);
    const { hold } = open(registry);
    const waitMs = (hold?.untilMs ?? 0) - nowMs();
    // A clock that was put back would hold for ever.
    if (hold !== undefined && waitMs > 0 && waitMs <= longestHoldMs) {
      throw held(`${image}: ${registry} ${hold.reason}; it is asked again in ${Math.ceil(waitMs / 1000)} s`, hold.untilMs);
    }
    open(registry).hold = undefined;
    try {
      return await withDeadline(timeoutMs, signal, async (limited) => {
        try {
          return await askForDigest(reference, limited);
        } catch (error) {
          throw networkFailure(error, image, registry, limited);
        }
      });
    } catch (error) {
      const retryAtMs = open(registry).hold?.untilMs;
      throw retryAtMs === undefined ? error : Object.assign(error as Error, { retryAtMs });
    }
  }

  return {
    async readDigest(image, signal) {
      const reference = parseImageReference(image);
      if (reference === undefined) throw refused(`${image} is no image reference`, "write it as registry/repository:tag");
      if (reference.digest !== undefined) return reference.digest;
      const state = open(reference.registry);
      const turn = state.queue.then(() => askInTurn(reference, signal));
      state.queue = turn.catch(() => undefined);
      return await turn;
    },
  };
}

// The content is what its digest says it is; a page of somebody else's, in answer to everything, is not a manifest.
async function hashManifest(response: HttpResponse, image: string): Promise<string> {
  const type = (response.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (response.status !== 200 || !MANIFEST_TYPES.includes(type)) {
    await response.discard();
    throw refused(
      `${image}: its registry sent no manifest but ${type || "nothing"}`,
      "check that this is the address of a registry",
    );
  }
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MANIFEST_BYTES) throw refused(`${image}: its manifest is larger than ${MANIFEST_BYTES} bytes`, "push it anew");
    hash.update(chunk);
  }
  return `sha256:${hash.digest("hex")}`;
}
