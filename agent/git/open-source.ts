import { holdfastError } from "../model/error.ts";
import type { Source } from "../ports.ts";
import { parseFollowed } from "./followed.ts";
import { httpTransport } from "./http-transport.ts";
import { localSource } from "./local-source.ts";
import { type Location, parseLocation } from "./parse-location.ts";
import { remoteSource } from "./remote-source.ts";
import { defaultLimits, defaultTimeouts, type SourceOptions } from "./source-options.ts";
import { sshTransport } from "./ssh-transport.ts";
import type { Transport } from "./transport.ts";

/**
 * Opens a branch, or the tags, of a Git repository, over HTTP(S), SSH or on this machine. Reads nothing yet.
 * Throws `configuration-invalid` for an address, a branch or a pattern that cannot be; the source throws `source-*`, `revision-missing` and
 * `aborted`, none of which holds a credential.
 */
export function openSource(options: SourceOptions): Source {
  const location = parseLocation(options.url);
  const followed = parseFollowed(options);
  const limits = { ...defaultLimits, ...options.limits };
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const { allowedSigners, gpgKeyring, allowForcePush } = options;
  const trust = {
    ...(allowedSigners === undefined ? {} : { allowedSigners }),
    ...(gpgKeyring === undefined ? {} : { gpgKeyring }),
    ...(allowForcePush === undefined ? {} : { allowForcePush }),
  };
  if (location.kind === "local") return localSource({ path: location.path, shown: location.shown, followed, limits, trust });
  const transport = openTransport(location, { ...options, timeouts });
  return remoteSource({ transport, followed, gitDirectory: options.gitDirectory, limits, timeouts, trust });
}

function openTransport(
  location: Exclude<Location, { kind: "local" }>,
  options: SourceOptions & { readonly timeouts: typeof defaultTimeouts },
): Transport {
  if (location.kind === "http") return httpTransport({ ...options, url: location.url, nowMs: options.nowMs ?? Date.now });
  const { sshKeyFile: keyFile, knownHostsFile, timeouts, onReceived } = options;
  if (keyFile === undefined) {
    throw holdfastError("configuration-invalid", `repository.url: ${location.shown} needs repository.sshKeyFile`, {
      handling: "stalled",
      hint: "make a key with ssh-keygen -t ed25519 -N '' -f /etc/holdfast/id_ed25519, and add its public half to the repository as a deploy key",
    });
  }
  const { address, shown } = location;
  const optional = {
    ...(knownHostsFile === undefined ? {} : { knownHostsFile }),
    ...(onReceived === undefined ? {} : { onReceived }),
  };
  return sshTransport({ address, shown, keyFile, timeouts, ...optional });
}
