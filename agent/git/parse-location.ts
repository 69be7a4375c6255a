import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { type HoldfastError, holdfastError } from "../model/error.ts";
import { isSshAddress, parseSshAddress, type SshAddress } from "./parse-ssh-address.ts";

/** Where a repository is. */
export type Location =
  | { readonly kind: "http"; readonly url: URL; readonly shown: string }
  | { readonly kind: "ssh"; readonly address: SshAddress; readonly shown: string }
  | { readonly kind: "local"; readonly path: string; readonly shown: string };

const forms = "give https://, http://, ssh://user@host/path, user@host:path, file:// or an absolute path";

/** Parses `repository.url`; `shown` holds no credentials. Throws `configuration-invalid` without repeating a credential. */
export function parseLocation(text: string): Location {
  if (isAbsolute(text)) return { kind: "local", path: text, shown: text };
  if (isSshAddress(text)) return sshLocation(text);
  const url = URL.parse(text);
  if (url === null || !text.includes("://")) {
    throw invalid(`repository.url is not a URL: ${withoutUserinfo(text)}`, forms);
  }
  if (url.username !== "" || url.password !== "") {
    // A forge's token also works as the user name alone, so that is as secret as a password.
    throw invalid(
      `repository.url must not hold credentials: ${withoutUserinfo(text)}`,
      "write the token to a file and name it with repository.tokenFile (and repository.username if the forge wants one)",
    );
  }
  if (url.protocol === "file:") return { kind: "local", path: localPath(url), shown: text };
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(`repository.url: ${url.protocol}// is not supported`, forms);
  }
  url.hash = "";
  url.search = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return { kind: "http", url, shown: url.href };
}

function sshLocation(text: string): Location {
  const address = parseSshAddress(text);
  if (typeof address !== "string") return { kind: "ssh", address, shown: text };
  throw invalid(
    `repository.url: ${withoutUserinfo(text)} cannot be used: ${address}`,
    "give ssh://user@host:port/path or user@host:path without a password; with most forges the user is git",
  );
}

function localPath(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid(`repository.url: ${url.href} names no local path`, "write file:///path with three slashes");
  }
}

/** A URL, or what should be one, without anything that may be a credential. */
export function withoutUserinfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, "$1");
}

function invalid(message: string, hint: string): HoldfastError {
  return holdfastError("configuration-invalid", message, { handling: "stalled", hint });
}
