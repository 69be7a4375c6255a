import type { Source } from "../ports.ts";
import { branchRef } from "./branch-ref.ts";
import { httpTransport } from "./http-transport.ts";
import { localSource } from "./local-source.ts";
import { parseLocation } from "./parse-location.ts";
import { remoteSource } from "./remote-source.ts";
import { defaultLimits, defaultTimeouts, type SourceOptions } from "./source-options.ts";

/**
 * Opens a branch of a Git repository, over HTTP(S) or on this machine. Reads nothing yet.
 * Throws `configuration-invalid` for an address or a branch that cannot be; the source throws `source-*`, `revision-missing` and
 * `aborted`, none of which holds a credential.
 */
export function openSource(options: SourceOptions): Source {
  const location = parseLocation(options.url);
  const ref = branchRef(options.branch);
  const limits = { ...defaultLimits, ...options.limits };
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  if (location.kind === "local") return localSource({ path: location.path, shown: location.shown, ref, limits });
  const transport = httpTransport({ ...options, url: location.url, timeouts, nowMs: options.nowMs ?? Date.now });
  return remoteSource({ transport, ref, gitDirectory: options.gitDirectory, limits, timeouts });
}
