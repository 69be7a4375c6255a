import type { SensitiveFile } from "../../plan/drift/judge-files.ts";
import type { Configuration } from "../read-configuration.ts";

/** The files that the configuration names: secrets, and what decides whom the agent trusts. */
export function listSensitiveFiles({ repository, docker, tokenFile, webhookSecretFile, tls }: Configuration): SensitiveFile[] {
  const files: readonly (readonly [string, string | undefined, boolean])[] = [
    ["repository.tokenFile", repository.tokenFile, true],
    ["repository.sshKeyFile", repository.sshKeyFile, true],
    ["repository.knownHostsFile", repository.knownHostsFile, false],
    ["repository.caFile", repository.caFile, false],
    ["repository.allowedSigners", repository.allowedSigners, false],
    ["repository.gpgKeyring", repository.gpgKeyring, false],
    ["tokenFile", tokenFile, true],
    ["webhookSecretFile", webhookSecretFile, true],
    ["tls.keyFile", tls?.keyFile, true],
    ["docker.configFile", docker.configFile, true],
  ];
  return files.flatMap(([setting, path, isSecret]) => (path === undefined ? [] : [{ setting, path, isSecret }]));
}
