import type { SourceTrust } from "./source-options.ts";
import { isOpenPgpSignature, isSshSignature, type SignedObject } from "./split-signature.ts";
import { findSshFlaw } from "./verify-ssh.ts";

/**
 * Why an object does not carry a valid signature of somebody who may sign, as the end of a sentence ("is not signed"); undefined
 * when it does. Throws `source-refused` when it cannot be told.
 */
export async function findSignatureFlaw(
  object: SignedObject,
  { allowedSigners, gpgKeyring }: SourceTrust,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { signature } = object;
  if (signature === undefined) return "is not signed";
  if (isSshSignature(signature)) {
    if (allowedSigners === undefined) return "is signed with SSH, and repository.allowedSigners does not say by whom it may be";
    return findSshFlaw(object, signature, allowedSigners, signal);
  }
  if (!isOpenPgpSignature(signature)) return "is signed with neither SSH nor OpenPGP";
  if (gpgKeyring === undefined) return "is signed with OpenPGP, and repository.gpgKeyring does not say by whom it may be";
  // Most hosts never need it.
  const { findOpenPgpFlaw } = await import("./verify-openpgp.ts");
  return findOpenPgpFlaw(object, signature, gpgKeyring, signal);
}
