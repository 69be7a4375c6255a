import type { Pointer } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { asMapping, type ComposeFile } from "./compose-file.ts";
import { suggestName } from "./suggest-name.ts";

/** Keys of a service, so that a mistyped one can be named; what Compose accepts is Compose's to say. */
const SERVICE_KEYS =
  "annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports privileged profiles pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits user userns_mode uts volumes volumes_from working_dir".split(
    " ",
  );

/** What Compose says of a model that it cannot render, at the line that it means where it names one. */
export function explainRender(message: string, files: readonly ComposeFile[], first: string): Finding {
  const parts = readPath(message);
  const unknown = /[Aa]dditional propert(?:y|ies) '?([\w-]+)'? (?:is|are) not allowed/.exec(message)?.[1];
  // The staging directory that it was rendered in is nobody's business.
  const readable = message
    .replace(/\S*\/stage-[^/\s]+\/(root\/)?/g, "")
    .replace(/^docker compose config: (validating \S+: )?/, "");
  const meant = unknown !== undefined && parts.length === 2 && parts[0] === "services" ? suggestName(unknown, SERVICE_KEYS) : "";
  const hint = meant.startsWith("did you mean") ? `; ${meant}` : "";
  const pointer = unknown === undefined ? parts : [...parts, unknown];
  const place =
    locateExactly(pointer, files, unknown !== undefined) ?? locateText(message, parts, files) ?? locateNear(parts, files);
  return { ...(place ?? { path: first, line: 1, column: 1 }), message: `${readable}${hint}`, rule: "compose", severity: "error" };
}

type Place = Pick<Finding, "path" | "line" | "column">;

/** The part of the model that a message names: `services.web.ports.1`, `services[web].mem_limit`, `service "web"`. */
function readPath(message: string): string[] {
  const dotted = /\b((?:services|networks|volumes|configs|secrets)(?:\.[\w-]+|\[\d+\])+)/.exec(message)?.[1];
  const bracketed = /\b(services|networks|volumes|configs|secrets)\[([\w.-]+)\]((?:\.[\w-]+)*)/.exec(message);
  const named = /\bservice "([\w.-]+)"/.exec(message)?.[1];
  if (dotted !== undefined) return split(dotted);
  if (bracketed !== null) return [bracketed[1] ?? "", bracketed[2] ?? "", ...split(bracketed[3] ?? "")];
  return named === undefined ? [] : ["services", named];
}

function split(path: string): string[] {
  return path.split(/[.[\]]+/).filter((part) => part !== "");
}

// A later file overrides an earlier one.
function locateExactly(pointer: Pointer, files: readonly ComposeFile[], key: boolean): Place | undefined {
  const file = files.findLast(({ document }) => has(document.value, pointer));
  if (file === undefined || pointer.length < 3) return undefined;
  return { path: file.document.path, ...(key ? file.document.locateKey(pointer) : file.document.locate(pointer)) };
}

/** Where the value stands that a message complains of: `undefined network lan`, `Invalid hostPort: http`. */
function locateText(message: string, within: Pointer, files: readonly ComposeFile[]): Place | undefined {
  const text =
    /undefined (?:service|network|volume|secret|config) "?([\w./-]+)/.exec(message)?.[1] ??
    /: "?([^":\s]+)"?$/.exec(message)?.[1];
  if (text === undefined) return undefined;
  for (const { document } of [...files].reverse()) {
    const pointer = findText(document.value, text, []).find((found) => within.every((part, index) => found[index] === part));
    if (pointer !== undefined) return { path: document.path, ...document.locate(pointer) };
  }
  return undefined;
}

function locateNear(pointer: Pointer, files: readonly ComposeFile[]): Place | undefined {
  const file = files.findLast(({ document }) => has(document.value, pointer.slice(0, 2)));
  return file === undefined ? undefined : { path: file.document.path, ...file.document.locate(pointer) };
}

/** Pointers to the keys and values that are, or hold, a text. */
function findText(value: unknown, text: string, pointer: Pointer): Pointer[] {
  if (typeof value !== "object" || value === null) return String(value).includes(text) ? [pointer] : [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...pointer, Array.isArray(value) ? Number(key) : key];
    return [...(key === text ? [at] : []), ...findText(inner, text, at)];
  });
}

function has(value: unknown, pointer: Pointer): boolean {
  let current = value;
  for (const key of pointer) {
    current = Array.isArray(current) ? current[Number(key)] : asMapping(current)[String(key)];
    if (current === undefined) return false;
  }
  return pointer.length > 0;
}
