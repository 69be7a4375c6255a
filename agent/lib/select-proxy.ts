import { isExempt } from "./no-proxy.ts";
import { type ProxyError, proxyError } from "./proxy-error.ts";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface SelectedProxy {
  /** http or https, without credentials. */
  readonly url: URL;
  /** Its address with the port and without credentials, for messages. */
  readonly shown: string;
  /** The value of Proxy-Authorization, when the variable holds a name and a password. */
  readonly authorization?: string;
  /** The variable that names it. */
  readonly variable: string;
}

/**
 * The proxy for a request to `target`, as curl finds it: HTTPS_PROXY or HTTP_PROXY by the scheme of the target, else ALL_PROXY,
 * unless NO_PROXY names the host; lower case wins over upper case, and an empty variable counts as none. Throws a `ProxyError`
 * when the variable holds no address of a proxy.
 */
export function selectProxy(target: URL, environment: Environment): SelectedProxy | undefined {
  const found =
    lookUp(environment, target.protocol === "https:" ? "https_proxy" : "http_proxy") ?? lookUp(environment, "all_proxy");
  if (found === undefined || isExempt(target, lookUp(environment, "no_proxy")?.value ?? "")) return undefined;
  return parseProxy(found.variable, found.value);
}

// curl reads http_proxy in lower case only, since a CGI program gets HTTP_PROXY from a request's header; this is no such program.
function lookUp(environment: Environment, name: string): { readonly variable: string; readonly value: string } | undefined {
  for (const variable of [name, name.toUpperCase()]) {
    const value = environment[variable]?.trim() ?? "";
    if (value !== "") return { variable, value };
  }
  return undefined;
}

function parseProxy(variable: string, value: string): SelectedProxy {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    throw unusable(`${variable} names a ${scheme} proxy, which is not supported`);
  }
  const address = scheme === undefined ? `http://${value}` : value;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // A slash or a # in a password that is not encoded begins the path: what was taken for the host is then part of a secret.
  if (url === undefined || url.hostname === "" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw unusable(`${variable} does not hold the address of a proxy`);
  }
  const { username, password } = url;
  const authorization = encodeCredentials(username, password);
  if (authorization === undefined) throw unusable(`the user name or password in ${variable} is not percent-encoded`);
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const shown = `${url.protocol}//${url.hostname}:${port}`;
  return { url: new URL(shown), shown, variable, ...(username === "" && password === "" ? {} : { authorization }) };
}

/** Undefined where the text is not encoded as it must be in a URL. */
function encodeCredentials(username: string, password: string): string | undefined {
  try {
    return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
  } catch {
    return undefined;
  }
}

function unusable(message: string): ProxyError {
  return proxyError(message, {
    lasting: true,
    hint: "give it as http://host:port or http://user:password@host:port, with %40 for @, %2F for / and so on in the password",
  });
}
