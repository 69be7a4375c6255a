/** A file's identity in the records of what was placed and delivered. */
export function fileKey(file: { readonly oid: string; readonly executable: boolean }): string {
  return file.executable ? `${file.oid}+x` : file.oid;
}
