import { readdir, readFile, readlink } from "node:fs/promises";
import { canonicalAddress } from "../lib/ip-address.ts";
import type { Listener } from "../model/machine.ts";

interface Socket extends Pick<Listener, "protocol" | "address" | "port"> {
  readonly inode: string;
}

/** States of a socket in /proc/net, from the kernel's tcp_states.h: a bound datagram socket is `CLOSE` there. */
const WAITING: Readonly<Record<Listener["protocol"], string>> = { tcp: "0A", udp: "07" };

/** Who waits on some ports, without binding them; the process is told where this one may see it. */
export async function listListeners(ports: readonly number[]): Promise<Listener[]> {
  if (ports.length === 0) return [];
  const tables = (["tcp", "tcp6", "udp", "udp6"] as const).map(async (name) => {
    const text = await readFile(`/proc/net/${name}`, "utf8").catch(() => "");
    return parseSockets(name.startsWith("tcp") ? "tcp" : "udp", text);
  });
  const sockets = (await Promise.all(tables)).flat().filter((socket) => ports.includes(socket.port));
  const owners = await findOwners(new Set(sockets.map(({ inode }) => inode)));
  return sockets.map(({ inode, ...socket }) => ({ ...socket, ...owners.get(inode) }));
}

/** The waiting sockets in a table of /proc/net. */
export function parseSockets(protocol: Listener["protocol"], table: string): Socket[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = "", remote = "", state = "", , , , , , inode = ""]): Socket[] => {
      const [address = "", port = ""] = local.split(":");
      if (state !== WAITING[protocol] || !/^0+:0000$/.test(remote)) return [];
      return [{ protocol, address: readAddress(address), port: Number.parseInt(port, 16), inode }];
    });
}

// Words of four bytes, each in the machine's own order: little-endian on all that Holdfast runs on.
function readAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const text =
    bytes.length === 4
      ? bytes.map((byte) => Number.parseInt(byte, 16)).join(".")
      : (bytes.join("").match(/.{4}/g) ?? []).join(":");
  return canonicalAddress(text) ?? text;
}

type Owner = Pick<Listener, "process" | "containerId">;

/** The processes that hold sockets, by inode. */
async function findOwners(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, Owner>> {
  const owners = new Map<string, Owner>();
  if (inodes.size === 0) return owners;
  for (const pid of (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !inodes.has(inode) || owners.has(inode)) continue;
      owners.set(inode, await describeProcess(pid));
    }
  }
  return owners;
}

async function describeProcess(pid: string): Promise<Owner> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
  const containerId = findContainer(await read("cgroup"));
  return {
    process: `${(await read("comm")).trim() || "a process"} (pid ${pid})`,
    ...(containerId === undefined ? {} : { containerId }),
  };
}

/** The container in a process's control groups: `/docker/ID`, `/system.slice/docker-ID.scope`. */
export function findContainer(cgroups: string): string | undefined {
  return /[/-]([0-9a-f]{64})(?:\.scope)?$/m.exec(cgroups)?.[1];
}
