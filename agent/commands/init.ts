import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { holdfastError } from "../model/error.ts";
import type { Output } from "./output.ts";

/** Writes a new desired state that validates: a fleet, this host and one stack. Nothing that exists is touched. */
export async function init(directory: string, output: Output): Promise<void> {
  const target = resolve(directory);
  const there = await readdir(target).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === "ENOENT") return [];
    const message = cause.code === "ENOTDIR" ? `${target} is no directory` : `${target}: ${cause.message}`;
    throw holdfastError("configuration-invalid", message, { handling: "stalled", hint: "name a new directory", cause });
  });
  if (there.some((name) => name !== ".git")) {
    throw holdfastError("configuration-invalid", `${target} is not empty`, { handling: "stalled", hint: "name a new directory" });
  }
  const host =
    hostname()
      .split(".")[0]
      ?.toLowerCase()
      .replace(/[^a-z0-9_-]/g, "-") || "my-host";
  for (const [path, content] of Object.entries(describeFiles(host))) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), content, { flag: "wx" });
    output.print(path);
  }
  output.print(`\nNext: \`holdfast validate ${directory}\`, then commit and push it, and point an agent at the repository.`);
}

function describeFiles(host: string): Record<string, string> {
  const platform = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";
  return {
    "desired-state/fleet.yaml": `# What holds for every host.
interval: 1m
vars: {}
# alerts:
#   alertmanager:
#     - url: http://alertmanager.lan:9093
`,
    [`desired-state/hosts/${host}.yaml`]: `# One file per host; the file's name is the host's name.
platform: ${platform}
labels: {role: main}
vars:
  BIND_IP: 127.0.0.1
`,
    "desired-state/stacks/hello/stack.yaml": `# Which hosts run this stack: all, {names: [...]} or {labels: {...}}.
hosts: {labels: {role: main}}
`,
    "desired-state/stacks/hello/compose.yaml": `services:
  web:
    image: nginx:1.28-alpine
    restart: unless-stopped
    ports: ["\${BIND_IP}:8080:80"]
    mem_limit: 128m
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1/"]
      interval: 30s
`,
  };
}
