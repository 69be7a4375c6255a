import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { SigningKey } from "./signed-fixture.ts";

export interface GpgKey extends SigningKey {
  readonly fingerprint: string;
}

export interface KeyOptions {
  /** `20240101T000000`; now by default. */
  readonly createdAt?: string;
  /** `20240201T000000`, or a span such as `1y`; `never` by default. */
  readonly expires?: string;
  readonly algorithm?: string;
}

/** A GnuPG of its own, with its own agent. */
export interface Gpg {
  createKey(name: string, options?: KeyOptions): GpgKey;
  /** Adds a subkey that signs in the place of its key. */
  addSubkey(key: GpgKey, options?: KeyOptions): void;
  /** Ends a key now, or at `at`. */
  revoke(key: GpgKey): void;
  /** Public keys, all by default. */
  export(keys: readonly GpgKey[], options?: { readonly armor?: boolean; readonly secret?: boolean }): Buffer;
  /** An armored signature; `at` as `createdAt`. */
  sign(key: GpgKey, payload: Uint8Array, options?: { readonly at?: string; readonly args?: readonly string[] }): string;
  run(args: readonly string[], input?: Uint8Array): Buffer;
  /** Ends its agent and removes it. */
  stop(): void;
}

/** Makes a GnuPG that goes with the test. */
export function openGpg(t: TestContext): Gpg {
  const gpg = startGpg();
  t.after(() => gpg.stop());
  return gpg;
}

/** Makes a GnuPG that is to be stopped. */
export function startGpg(): Gpg {
  // The path of the agent's socket has to be short.
  const home = mkdtempSync(join(tmpdir(), "hf-gpg-"));
  const environment = { GNUPGHOME: home };
  const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C", ...environment };
  const options = ["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""];
  const at = (time: string | undefined): readonly string[] => (time === undefined ? [] : ["--faked-system-time", time]);
  const run = (args: readonly string[], input: Uint8Array = Buffer.alloc(0)): Buffer =>
    execFileSync("gpg", [...options, ...args], { env, input, stdio: "pipe" });
  mkdirSync(join(home, "private-keys-v1.d"), { mode: 0o700 });

  return {
    createKey(name, { createdAt, expires = "never", algorithm = "ed25519" } = {}) {
      const user = `${name} <${name}@example.org>`;
      run([...at(createdAt), "--quick-generate-key", user, algorithm, "sign", expires]);
      const listed = run(["--with-colons", "--list-keys", `=${user}`]).toString();
      const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
      return { fingerprint, environment, settings: ["-c", "gpg.format=openpgp", "-c", `user.signingKey=${fingerprint}`] };
    },
    addSubkey({ fingerprint }, { createdAt, expires = "never", algorithm = "ed25519" } = {}) {
      run([...at(createdAt), "--quick-add-key", fingerprint, algorithm, "sign", expires]);
    },
    revoke({ fingerprint }) {
      const text = readFileSync(join(home, "openpgp-revocs.d", `${fingerprint}.rev`), "utf8");
      // GnuPG puts a colon before it, so that nobody revokes a key by accident.
      run(["--import"], Buffer.from(text.replace(/^:-----/m, "-----")));
    },
    export(keys, { armor = true, secret = false } = {}) {
      const what = secret ? "--export-secret-keys" : "--export";
      return run([...(armor ? ["--armor"] : []), what, ...keys.map(({ fingerprint }) => fingerprint)]);
    },
    sign: ({ fingerprint }, payload, { at: time, args = [] } = {}) =>
      run([...at(time), "--local-user", fingerprint, "--armor", ...args, "--detach-sign", "--output", "-"], payload).toString(),
    run,
    stop() {
      if (readdirSync(home).some((name) => name.startsWith("S.gpg-agent")))
        execFileSync("gpgconf", ["--kill", "gpg-agent"], { env, stdio: "ignore" });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
