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
  const path = /\b((?:services|networks|volumes|configs|secrets)(?:\.[\w-]+|\[\d+\])+)/.exec(message)?.[1] ?? "";
  const parts = path.split(/[.[\]]+/).filter((part) => part !== "");
  const unknown = /[Aa]dditional propert(?:y|ies) '?([\w-]+)'? (?:is|are) not allowed/.exec(message)?.[1];
  const pointer = unknown === undefined ? parts : [...parts, unknown];
  // The staging directory that it was rendered in is nobody's business.
  const readable = message
    .replace(/\S*\/stage-[^/\s]+\/(root\/)?/g, "")
    .replace(/^docker compose config: (validating \S+: )?/, "");
  const meant = unknown !== undefined && parts.length === 2 && parts[0] === "services" ? suggestName(unknown, SERVICE_KEYS) : "";
  const hint = meant.startsWith("did you mean") ? `; ${meant}` : "";
  return {
    ...locateInFiles(pointer, files, first, unknown !== undefined),
    message: `${readable}${hint}`,
    rule: "compose",
    severity: "error",
  };
}

// A later file overrides an earlier one.
function locateInFiles(
  pointer: Pointer,
  files: readonly ComposeFile[],
  first: string,
  key: boolean,
): Pick<Finding, "path" | "line" | "column"> {
  const saying = (at: Pointer): ComposeFile | undefined => files.findLast(({ document }) => has(document.value, at));
  const whole = saying(pointer);
  if (whole !== undefined)
    return { path: whole.document.path, ...(key ? whole.document.locateKey(pointer) : whole.document.locate(pointer)) };
  const near = saying(pointer.slice(0, 2));
  return near === undefined
    ? { path: first, line: 1, column: 1 }
    : { path: near.document.path, ...near.document.locate(pointer) };
}

function has(value: unknown, pointer: Pointer): boolean {
  let current = value;
  for (const key of pointer) {
    current = Array.isArray(current) ? current[Number(key)] : asMapping(current)[String(key)];
    if (current === undefined) return false;
  }
  return pointer.length > 0;
}
