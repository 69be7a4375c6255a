/** One test image: which root tars and folders of `files/` it consists of, and its configuration. */
export interface ImageDefinition {
  /** The exact name and tag that the Compose files use. */
  readonly name: string;
  /** Root tars of build-roots.sh, bottom first. */
  readonly roots: readonly string[];
  /** Folders below `files/`, laid over the roots in this order. */
  readonly files?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly stopSignal?: string;
}

/** A stand-in: Node.js, a script for the documented ports and paths, and the commands that health checks call. */
function defineStandIn(
  name: string,
  folder: string,
  rest: Partial<Omit<ImageDefinition, "files">> & { readonly more?: readonly string[] } = {},
): ImageDefinition {
  const { more = [], roots = ["busybox", "node"], ...other } = rest;
  return { name, roots, files: ["stand-in", ...more, folder], command: ["node", "/stand-in/main.mjs"], ...other };
}

/** The images that tests can load. Real programs where Debian packages them, stand-ins for the rest. */
export const catalog: readonly ImageDefinition[] = [
  {
    // tini is process 1, or a container would ignore SIGTERM and every stop would take the whole grace period.
    name: "busybox:1.35",
    roots: ["busybox"],
    entrypoint: ["/bin/tini-static", "--"],
    command: ["sh"],
  },
  {
    name: "nginx:1.28.0-alpine",
    roots: ["busybox", "nginx"],
    files: ["nginx"],
    command: ["nginx", "-g", "daemon off;"],
    ports: ["80/tcp"],
    stopSignal: "SIGQUIT",
  },
  { name: "node:24.21.0-alpine", roots: ["busybox", "node"], command: ["node"] },
  {
    name: "mariadb:10.11.18",
    roots: ["busybox", "mariadb"],
    files: ["mariadb"],
    entrypoint: ["docker-entrypoint.sh"],
    command: ["mariadbd"],
    ports: ["3306/tcp"],
    volumes: ["/var/lib/mysql"],
  },
  defineStandIn("jc21/nginx-proxy-manager:2.12.6", "proxy-manager", {
    roots: ["busybox", "node", "certificate"],
    ports: ["80/tcp", "81/tcp", "443/tcp"],
    volumes: ["/data"],
  }),
  defineStandIn("pihole/pihole:2025.11.0", "pihole", {
    roots: ["busybox", "node", "dnsmasq"],
    ports: ["53/tcp", "53/udp", "80/tcp"],
  }),
  defineStandIn("ollama/ollama:0.13.5", "ollama", { more: ["gpu"], ports: ["11434/tcp"] }),
  defineStandIn("ghcr.io/ai-dock/comfyui:v2-cuda-12.1.1-base-22.04-v0.2.7", "comfyui", { more: ["gpu"], ports: ["8188/tcp"] }),
  defineStandIn("ghcr.io/open-webui/open-webui:v0.6.41", "open-webui", { ports: ["8080/tcp"] }),
];
