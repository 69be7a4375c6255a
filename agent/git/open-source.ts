import { holdfastError } from "../model/error.ts";
import type { Source } from "../ports.ts";
import { branchRef } from "./branch-ref.ts";
import { httpTransport } from "./http-transport.ts";
import { localSource } from "./local-source.ts";
import { type Location, parseLocation } from "./parse-location.ts";
import { remoteSource } from "./remote-source.ts";
import { defaultLimits, defaultTimeouts, type SourceOptions } from "./source-options.ts";
import { sshTransport } from "./ssh-transport.ts";
import type { Transport } from "./transport.ts";

/**
 * Opens a branch of a Git repository, over HTTP(S), SSH or on this machine. Reads nothing yet.
 * Throws `configuration-invalid` for an address or a branch that cannot be; the source throws `source-*`, `revision-missing` and
 * `aborted`, none of which holds a credential.
 */
export function openSource(options: SourceOptions): Source {
  const location = parseLocation(options.url);
  const ref = branchRef(options.branch);
  const limits = { ...defaultLimits, ...options.limits };
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  if (location.kind === "local") return localSource({ path: location.path, shown: location.shown, ref, limits });
  const transport = openTransport(location, { ...options, timeouts });
  return remoteSource({ transport, ref, gitDirectory: options.gitDirectory, limits, timeouts });
}

function openTransport(
  location: Exclude<Location, { kind: "local" }>,
  options: SourceOptions & { readonly timeouts: typeof defaultTimeouts },
): Transport {
  if (location.kind === "http") return httpTransport({ ...options, url: location.url, nowMs: options.nowMs ?? Date.now });
  const { sshKeyFile: keyFile, knownHostsFile, timeouts } = options;
  if (keyFile === undefined) {
    throw holdfastError("configuration-invalid", `repository.url: ${location.shown} needs repository.sshKeyFile`, {
      handling: "stalled",
      hint: "make a key with ssh-keygen -t ed25519 -N '' -f /etc/holdfast/id_ed25519, and add its public half to the repository as a deploy key",
    });
  }
  const { address, shown } = location;
  return sshTransport({ address, shown, keyFile, timeouts, ...(knownHostsFile === undefined ? {} : { knownHostsFile }) });
}
