import { canonicalAddress, isWildcard } from "../../lib/ip-address.ts";
import type { DesiredService, JsonObject } from "../../model/desired.ts";
import { asArray, asObject, asString } from "../desire/json.ts";
import type { Violation } from "./violation.ts";

/** Sockets that make whoever has them master of the host, and the directories in which they stand. */
const ENGINE_SOCKET = /(^|\/)(docker|podman|containerd|crio)\.sock$/;
const ABOVE_SOCKETS = ["/", "/run", "/var/run", "/var", "/run/docker", "/run/containerd", "/run/podman"];

/** What a policy says of a service as it is rendered, its image apart; `volumes` are those of its project. */
export function checkService(service: DesiredService, definition: JsonObject, volumes: JsonObject = {}): Violation[] {
  return [
    ...checkPorts(service.name, definition),
    ...checkPrivileges(service.name, definition, volumes),
    ...checkHealth(service, definition),
    ...checkLimits(service.name, definition),
    ...checkUser(service.name, definition),
  ];
}

function checkPorts(service: string, definition: JsonObject): Violation[] {
  if (definition["network_mode"] === "host") return [];
  return asArray(definition["ports"]).flatMap((entry): Violation[] => {
    const { host_ip: hostIp, published, target, protocol } = asObject(entry);
    const address = asString(hostIp) ?? "";
    if (address !== "" && !isWildcard(canonicalAddress(address) ?? address)) return [];
    const port = `${published ?? "a port"}/${asString(protocol) ?? "tcp"}`;
    const example = `"127.0.0.1:${published ?? ""}:${target ?? ""}"`;
    return [
      {
        ...{ rule: "wildcard-bind", service, pointer: ["services", service, "ports"], holds: String(target ?? "") },
        message: `${port} is published on every address of the host, past its firewall; name one, ${example}`,
      },
    ];
  });
}

function checkPrivileges(service: string, definition: JsonObject, volumes: JsonObject): Violation[] {
  const violation = (key: string, what: string, right: string, holds?: string): Violation => ({
    ...{ rule: "privileged", service, pointer: ["services", service, key] },
    ...(holds === undefined ? {} : { holds }),
    message: `${service} ${what}; ${right}`,
  });
  const found: Violation[] = [];
  if (definition["privileged"] === true)
    found.push(
      violation("privileged", "is privileged: it can do everything on the host", "name what it needs with cap_add and devices"),
    );
  for (const [key, what] of [
    ["pid", "processes"],
    ["ipc", "shared memory"],
    ["network_mode", "network"],
    ["uts", "host name"],
  ] as const)
    if (definition[key] === "host") found.push(violation(key, `uses the host's own ${what}`, `remove ${key}: host`));
  for (const capability of asArray(definition["cap_add"]).map((item) => asString(item) ?? ""))
    if (/^(CAP_)?ALL$/i.test(capability))
      found.push(violation("cap_add", "has every capability", "name those that it needs", capability));
  if (definition["use_api_socket"] === true)
    found.push(violation("use_api_socket", "is given Docker's socket, and with it the host", "remove use_api_socket"));
  for (const key of ["post_start", "pre_stop"])
    if (asArray(definition[key]).some((hook) => asObject(hook)["privileged"] === true))
      found.push(violation(key, `has a privileged command in ${key}: it can do everything on the host`, "remove privileged"));
  if (definition["provider"] !== undefined && definition["provider"] !== null)
    found.push(violation("provider", "is a program that Compose runs on the host, as root", "put it into an image"));
  for (const volume of asArray(definition["volumes"]).map(asObject)) {
    const source = readSource(volume, volumes);
    if (source === undefined || !(ENGINE_SOCKET.test(source) || ABOVE_SOCKETS.includes(source))) continue;
    const what = ENGINE_SOCKET.test(source) ? `mounts ${source}` : `mounts ${source}, and with it Docker's socket`;
    found.push(
      violation("volumes", `${what}: who has it has the host, read-only or not`, "put a proxy in front that filters", source),
    );
  }
  return found;
}

/** The path of the host that is mounted, also by a named volume that is one; undefined when none is. */
function readSource(mount: JsonObject, volumes: JsonObject): string | undefined {
  const source = asString(mount["source"]) ?? "";
  const { o: options, device } = asObject(asObject(volumes[source])["driver_opts"]);
  const isBound = /(^|,)r?bind(,|$)/.test(asString(options) ?? "");
  const path = mount["type"] === "bind" ? source : mount["type"] === "volume" && isBound ? asString(device) : undefined;
  return path === undefined ? undefined : `/${simplify(path.split("/"))}`;
}

/** Without `.`, `..` and what is empty. */
function simplify(parts: readonly string[]): string {
  const kept: string[] = [];
  for (const part of parts) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return kept.join("/");
}

function checkHealth({ name: service, oneShot }: DesiredService, definition: JsonObject): Violation[] {
  const check = asObject(definition["healthcheck"]);
  const isOff = check["disable"] === true || asArray(check["test"])[0] === "NONE";
  if (oneShot || (Object.keys(check).length > 0 && !isOff)) return [];
  const message = `${service} has no health check: that it runs is all that is known of it; add healthcheck:`;
  return [{ rule: "no-healthcheck", service, pointer: ["services", service, ...(isOff ? ["healthcheck"] : [])], message }];
}

function checkLimits(service: string, definition: JsonObject): Violation[] {
  const limits = asObject(asObject(asObject(definition["deploy"])["resources"])["limits"]);
  const isLimited = [definition["mem_limit"], limits["memory"]].some((limit) => Number(limit ?? 0) > 0);
  if (isLimited) return [];
  const message = `${service} has no memory limit: it can take what the host has; add mem_limit: 256m, or what it needs`;
  return [{ rule: "no-limits", service, pointer: ["services", service], message }];
}

function checkUser(service: string, definition: JsonObject): Violation[] {
  const user = asString(definition["user"]);
  const isRoot = user === undefined || /^(root|0)?(:|$)/.test(user);
  if (!isRoot) return [];
  const why = user === undefined ? "runs as the image's user, which is root unless the image says otherwise" : "runs as root";
  const pointer = ["services", service, ...(user === undefined ? [] : ["user"])];
  return [{ rule: "runs-as-root", service, pointer, message: `${service} ${why}; add user: "1000:1000"` }];
}
