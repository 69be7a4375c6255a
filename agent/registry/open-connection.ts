import { errorCode, explainNetworkError } from "../lib/explain-network-error.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../lib/http-client.ts";
import type { Environment } from "../lib/select-proxy.ts";
import { type AddressOptions, isInsecure, listAddresses } from "./list-addresses.ts";
import { readAuthorities } from "./read-authorities.ts";
import { refused } from "./registry-failure.ts";

export interface ConnectionOptions extends AddressOptions {
  /** As Docker has it: a directory of certificates for each registry. */
  readonly certificatesDirectory: string;
  /** Where HTTPS_PROXY and its like are looked up; the process's own by default. */
  readonly environment?: Environment | undefined;
  /** Registries that may be asked without TLS, or with any certificate; asked when it is needed. */
  readonly listInsecure?: ((signal: AbortSignal) => Promise<readonly string[]>) | undefined;
}

export interface RegistryRequest {
  readonly method: "GET" | "HEAD";
  /** From the root of the registry's host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the registry itself, never to where a redirect leads. */
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

export interface RegistryAnswer {
  readonly response: HttpResponse;
  /** The host that a redirect led to, when it is not the registry's own. */
  readonly foreign?: string;
}

/** The way to one registry, and to its token service. Rejects with errors of the network, and with `registry-refused`. */
export interface Connection {
  send(request: RegistryRequest): Promise<RegistryAnswer>;
  /** One request to another address, without following redirects. */
  sendTo(request: HttpRequest): Promise<HttpResponse>;
  /** How the registry was reached last; undefined when it was not, or failed since. */
  scheme(): "https" | "http" | undefined;
}

const MAX_REDIRECTS = 5;
const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 30_000;

/** Makes a connection to a registry; nothing is loaded or opened before the first request. */
export function openConnection(registry: string, options: ConnectionOptions): Connection {
  const addresses = listAddresses(registry, options);
  /** Its own host's certificate counts for nothing, as for Docker; that of any other does. */
  let trustsAnyone = false;
  const isOwn = (url: URL): boolean => addresses.some(({ host }) => host === url.host);
  /** Where the registry answered; forgotten after a failure, so that one that has changed is found. */
  let base: URL | undefined;
  const clients = new Map<boolean, Promise<HttpClient>>();
  /** The machine's own authorities cost 90 ms and 11 MB: only for a registry that the public ones do not vouch for. */
  let trustsMachine = false;

  async function openClient(anyone: boolean): Promise<HttpClient> {
    const { createHttpClient } = await import("../lib/http-client.ts");
    const own = await readAuthorities(options.certificatesDirectory, registry);
    const common = {
      environment: options.environment ?? process.env,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      headersTimeoutMs: ANSWER_TIMEOUT_MS,
      idleTimeoutMs: ANSWER_TIMEOUT_MS,
    };
    if (anyone) return createHttpClient({ ...common, trustsAnyone: true });
    if (own.length === 0 && !trustsMachine) return createHttpClient(common);
    const { getCACertificates } = await import("node:tls");
    const machine = trustsMachine ? getCACertificates("system") : [];
    return createHttpClient({ ...common, ca: [...getCACertificates("default"), ...machine, ...own].join("\n") });
  }

  /** Sends one request; after a failure the next one starts with new connections and certificates that are read again. */
  async function exchange(request: HttpRequest): Promise<HttpResponse> {
    const anyone = trustsAnyone && isOwn(request.url);
    const used = clients.get(anyone) ?? openClient(anyone);
    clients.set(anyone, used);
    try {
      return await (await used).send(request);
    } catch (error) {
      clients.delete(anyone);
      await used.then(
        (opened) => opened.close(),
        () => undefined,
      );
      if (trustsMachine || problemOf(error) !== "untrusted-certificate") throw error;
      trustsMachine = true;
      return await exchange(request);
    }
  }

  /** Tries https before plain http, as Docker does. */
  async function reach(request: RegistryRequest, candidates: readonly URL[]): Promise<HttpResponse> {
    const [address, ...others] = candidates;
    if (address === undefined) throw refused(`${registry} is no address of a registry`, "check the image's reference");
    const { method, path, signal } = request;
    try {
      const response = await exchange({ method, url: new URL(path, address), headers: describeHeaders(request, true), signal });
      base = address;
      return response;
    } catch (error) {
      base = undefined;
      // A certificate that is wrong is no reason to go on without any.
      if (others.length === 0 || signal.aborted || problemOf(error)?.includes("certificate")) throw error;
      return await reach(request, others);
    }
  }

  /** The same where the registry is known to be an insecure one: nobody is asked about those that are not. */
  async function reachAnyhow(request: RegistryRequest): Promise<HttpResponse> {
    if (base !== undefined) return await reach(request, [base]);
    trustsAnyone = false;
    try {
      return await reach(request, addresses);
    } catch (error) {
      if (request.signal.aborted || problemOf(error) === undefined || options.listInsecure === undefined) throw error;
      const insecureRegistries = await options.listInsecure(request.signal);
      if (!isInsecure(registry, { insecureRegistries })) throw error;
      trustsAnyone = true;
      return await reach(request, listAddresses(registry, { ...options, insecureRegistries }));
    }
  }

  async function send(request: RegistryRequest): Promise<RegistryAnswer> {
    const { method, path, signal } = request;
    let response = await reachAnyhow(request);
    const origin = new URL(path, base?.href);
    let url = origin;
    for (let hop = 0; isRedirect(response); hop += 1) {
      const target = response.header("location") ?? "";
      await response.discard();
      const next = URL.canParse(target, url.href) ? new URL(target, url) : undefined;
      if (next === undefined || hop === MAX_REDIRECTS || !(next.protocol === "https:" || next.protocol === origin.protocol)) {
        const where = next === undefined ? "nowhere" : `${next.origin}${next.pathname}`;
        throw refused(`${registry} redirects to ${where}, which is not followed`, "check that this is the address of a registry");
      }
      url = next;
      response = await exchange({ method, url, headers: describeHeaders(request, url.origin === origin.origin), signal });
    }
    // So do servers with TLS answer plain http: the next question begins with https.
    if (response.status === 400) base = undefined;
    return url.origin === origin.origin ? { response } : { response, foreign: url.host };
  }

  return {
    send,
    sendTo: exchange,
    scheme: () => (base === undefined ? undefined : base.protocol === "http:" ? "http" : "https"),
  };
}

function describeHeaders({ headers, authorization }: RegistryRequest, withCredentials: boolean): Record<string, string> {
  const common = { "user-agent": "holdfast", ...headers };
  return withCredentials && authorization !== undefined ? { ...common, authorization } : common;
}

function isRedirect({ status, header }: HttpResponse): boolean {
  return [301, 302, 303, 307, 308].includes(status) && header("location") !== undefined;
}

function problemOf(error: unknown): string | undefined {
  return explainNetworkError(errorCode(error))?.problem;
}
