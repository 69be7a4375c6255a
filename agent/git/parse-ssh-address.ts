/** A repository that is reached by the `ssh` of this machine. */
export interface SshAddress {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** As the server is given it: absolute, below a home (`~/x`), or relative to the user's. */
  readonly path: string;
}

const scpLike = /^(?<user>[^@/:]+)@(?<host>\[[^\]]+\]|[^:/@[\]]+):(?<path>.+)$/;

// Names become arguments of ssh, and the far side's shell sees the path: what could be taken for an option or a second
// word is no name of a repository either.
const userName = /^[A-Za-z0-9_][A-Za-z0-9_.+~-]*$/;
const hostName = /^[A-Za-z0-9_:][A-Za-z0-9_.:-]*$/;

/** Whether a text means ssh, well formed or not. */
export function isSshAddress(text: string): boolean {
  return /^(ssh|git\+ssh|ssh\+git):\/\//i.test(text) || (!text.includes("://") && scpLike.test(text));
}

/** Reads `ssh://user@host:port/path` or `user@host:path`; a text says why it is none of them. */
export function parseSshAddress(text: string): SshAddress | string {
  const parts = text.includes("://") ? splitUrl(text) : splitScpLike(text);
  if (typeof parts === "string") return parts;
  const { user, host, port, path } = parts;
  if (user === "") return "it names no user";
  if (!userName.test(user)) return "its user name cannot be used";
  if (!hostName.test(host)) return "its host name cannot be used";
  if (path === "" || path === "/") return "it names no repository";
  if (path.startsWith("-") || /[\u0000-\u001f\u007f]/.test(path)) return "its path cannot be used";
  return { user, host, port, path };
}

function splitUrl(text: string): SshAddress | string {
  const url = URL.parse(text);
  if (url === null) return "it is not a URL";
  if (url.password !== "") return "it holds a password";
  if (url.port === "0") return "it has no usable port";
  try {
    const path = decodeURIComponent(url.pathname);
    return {
      user: decodeURIComponent(url.username),
      host: withoutBrackets(url.hostname),
      port: url.port === "" ? 22 : Number(url.port),
      // Git's own reading: ssh://host/~ann/x is below a home.
      path: path.startsWith("/~") ? path.slice(1) : path,
    };
  } catch {
    return "its escapes cannot be read";
  }
}

function splitScpLike(text: string): SshAddress | string {
  const { user = "", host = "", path = "" } = scpLike.exec(text)?.groups ?? {};
  return { user, host: withoutBrackets(host), port: 22, path };
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}
