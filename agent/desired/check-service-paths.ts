import type { Pointer } from "../model/document.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { Tree } from "../model/tree.ts";
import { asList, asMapping, type ComposeFile, makeFinding } from "./compose-file.ts";
import { describeMissing } from "./describe-missing.ts";
import { readBind } from "./read-bind.ts";
import { resolveInside } from "./resolve-inside.ts";

/** What is said of a committed file that a container may write, at most by name. */
const LISTED_FILES = 3;

/** Checks the paths that a Compose file names: none leaves the stack's root, what is read exists, what is committed is mounted read-only. */
export function checkServicePaths(file: ComposeFile, services: ReadonlySet<string> | undefined, tree: Tree): Finding[] {
  const findings: Finding[] = [];
  const { document, directory } = file;
  const model = asMapping(document.value);
  const report = (pointer: Pointer, message: string, rule: string, severity?: Severity): void => {
    findings.push(makeFinding(document, pointer, message, rule, severity));
  };
  // Below the root where the path is known to be there.
  const resolve = (path: string, pointer: Pointer, what: string): string | undefined => {
    const resolved = resolveInside(directory, path);
    if (resolved.kind === "inside") return resolved.path;
    if (resolved.kind === "outside") {
      report(
        pointer,
        `${what} ${path} leads out of the stack's root; move the file, or widen root in stack.yaml`,
        "path-outside-root",
      );
    }
    return undefined;
  };
  const requireFile = (path: string, pointer: Pointer, what: string, required: boolean): void => {
    const inside = resolve(path, pointer, what);
    if (inside === undefined || !required || tree.files.some((one) => one.path === inside)) return;
    report(pointer, describeMissing(inside, tree), "file-missing");
  };

  for (const [name, value] of Object.entries(asMapping(model["services"]))) {
    if (services && !services.has(name)) continue;
    const service = asMapping(value);
    const at: Pointer = ["services", name];
    checkBuild(service["build"], [...at, "build"]);
    for (const key of ["env_file", "label_file"]) {
      for (const [entry, pointer] of asList(service[key], [...at, key])) {
        const { path, required } = typeof entry === "string" ? { path: entry, required: true } : asMapping(entry);
        if (typeof path !== "string") continue;
        if (/^[/~]/.test(path))
          report(pointer, `${key} ${path} is read from the host; list it under hostEnvFiles in stack.yaml`, "path-outside-root");
        else requireFile(path, typeof entry === "string" ? pointer : [...pointer, "path"], key, required !== false);
      }
    }
    for (const [entry, pointer] of asList(service["volumes"], [...at, "volumes"])) checkMount(entry, pointer);
  }
  for (const key of ["configs", "secrets"]) {
    for (const [name, value] of Object.entries(asMapping(model[key]))) {
      const { file: path } = asMapping(value);
      if (typeof path === "string") requireFile(path, [key, name, "file"], "file", true);
    }
  }
  for (const [name, value] of Object.entries(asMapping(model["volumes"]))) {
    const { device } = asMapping(asMapping(value)["driver_opts"]);
    if (typeof device === "string" && device.startsWith("."))
      resolve(device, ["volumes", name, "driver_opts", "device"], "device");
  }
  return findings;

  function checkBuild(build: unknown, pointer: Pointer): void {
    if (build === undefined || build === null) return;
    report(pointer, "build is not supported yet; build the image elsewhere and name it with image:", "not-supported-yet");
    const context = typeof build === "string" ? build : asMapping(build)["context"];
    if (typeof context === "string" && !/^[a-z]+:\/\/|^git@/.test(context)) {
      resolve(context, typeof build === "string" ? pointer : [...pointer, "context"], "build context");
    }
  }

  function checkMount(entry: unknown, pointer: Pointer): void {
    const bind = readBind(entry);
    if (!bind) return;
    const at = typeof entry === "string" ? pointer : [...pointer, "source"];
    const inside = resolve(bind.source, at, "bind mount");
    if (inside === undefined || bind.readOnly) return;
    const committed = tree.files
      .map((one) => one.path)
      .filter((path) => path === inside || inside === "" || path.startsWith(`${inside}/`));
    if (committed.length === 0) return;
    const isFile = committed[0] === inside;
    const listed = committed.slice(0, LISTED_FILES).join(", ") + (committed.length > LISTED_FILES ? ", …" : "");
    const what = isFile ? `${inside} is committed` : `${bind.source} holds committed files (${listed})`;
    report(
      at,
      `${what} and the container may write it; mount it with ${typeof entry === "string" ? ":ro" : "read_only: true"}`,
      "writable-placed-file",
      "warning",
    );
  }
}
