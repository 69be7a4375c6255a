import { access, constants } from "node:fs/promises";
import { holdfastError } from "../model/error.ts";

/** Where Docker looks for its plugins, system-wide. Calling the plugin itself costs half of going through `docker`. */
const PLUGIN_DIRECTORIES = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
];

/** Absolute path of Compose's own executable; throws `compose-missing`. */
export async function findPlugin(directories: readonly string[] = PLUGIN_DIRECTORIES): Promise<string> {
  for (const directory of directories) {
    const path = `${directory}/docker-compose`;
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  throw holdfastError("compose-missing", `Docker Compose is not installed (looked in ${directories.join(", ")})`, {
    handling: "transient",
    hint: "install the Compose plugin: `apt-get install docker-compose-plugin` (or docker-compose-v2, docker-compose from Debian 13 on)",
  });
}
