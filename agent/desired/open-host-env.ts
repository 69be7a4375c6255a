import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { HostEnv } from "../ports.ts";

const LARGEST_BYTES = 1024 * 1024;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Environment files of the host, below one directory: regular files of the owner's that nobody else can read. */
export function openHostEnv({ directory }: { readonly directory: string }): HostEnv {
  return {
    async read(name) {
      const path = join(directory, name);
      if (name === "" || name.split("/").some((part) => part === "" || part === "." || part === ".."))
        return { problem: `${name} is no file below ${directory}` };
      try {
        return await readPrivate(directory, name.split("/"), path);
      } catch (cause) {
        return { problem: `${path}: ${describeFailure(cause, path)}` };
      }
    },

    async fingerprint(names) {
      const facts = await Promise.all(
        names.map((name) =>
          stat(join(directory, name)).then(
            ({ ino, size, mtimeMs, mode, uid }) => [name, ino, size, mtimeMs, mode, uid],
            () => [name],
          ),
        ),
      );
      return facts.length === 0 ? "" : createHash("sha256").update(JSON.stringify(facts)).digest("hex");
    },
  };
}

async function readPrivate(
  directory: string,
  parts: readonly string[],
  path: string,
): Promise<{ content: Uint8Array } | { problem: string }> {
  const handles: FileHandle[] = [];
  try {
    let current = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
    handles.push(current);
    for (const part of parts.slice(0, -1)) {
      current = await open(
        `/proc/self/fd/${current.fd}/${part}`,
        constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
      );
      handles.push(current);
    }
    const file = await open(`/proc/self/fd/${current.fd}/${parts.at(-1)}`, READ);
    handles.push(file);
    const { mode, uid, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return { problem: `${path} is no regular file` };
    if (uid !== 0 && uid !== process.getuid?.()) return { problem: `${path} belongs to user ${uid}; \`chown root ${path}\`` };
    if ((mode & 0o077) !== 0)
      return { problem: `${path} can be read by others (mode ${(mode & 0o777).toString(8)}); \`chmod 600 ${path}\`` };
    if (size > LARGEST_BYTES) return { problem: `${path} is larger than 1 MiB` };
    return { content: await file.readFile() };
  } finally {
    for (const handle of handles.reverse()) await handle.close();
  }
}

function describeFailure(cause: unknown, path: string): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT")
    return `there is no such file on this host; create it with \`install -m 600 /dev/null ${path}\` and fill it in`;
  if (code === "ELOOP") return "is a symbolic link; put the file itself there";
  return cause instanceof Error ? cause.message : String(cause);
}
