import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { HostEnv } from "../ports.ts";
import { readHostEnv } from "./read-host-env.ts";

/** The environment files of this host, below one directory. */
export function openHostEnv({ directory }: { readonly directory: string }): HostEnv {
  return {
    async read(name) {
      const { content, findings } = await readHostEnv(directory, name);
      const [finding] = findings;
      return content === undefined
        ? { problem: `${join(directory, name)}: ${finding?.message ?? "cannot be read"}` }
        : { content };
    },

    directory,

    async fingerprint(names) {
      const facts = names.map(async (name) => {
        const found = await stat(join(directory, name)).catch(() => undefined);
        return [name, found?.ino, found?.size, found?.ctimeMs].join(" ");
      });
      return (await Promise.all(facts)).join("\n");
    },
  };
}
