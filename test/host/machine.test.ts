import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { totalmem } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findCommand } from "../../agent/host/find-command.ts";
import { listGpus } from "../../agent/host/list-gpus.ts";
import { findContainer, parseSockets } from "../../agent/host/list-listeners.ts";
import { openMachine } from "../../agent/host/open-machine.ts";
import type { FactsRequest, MachineFacts } from "../../agent/model/machine.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const never = new AbortController().signal;
const machine = openMachine();
const read = (request: Partial<FactsRequest> = {}): Promise<MachineFacts> =>
  machine.read({ paths: [], commands: [], ports: [], gpus: false, ...request }, never);

describe("a machine must", () => {
  const directory = createTemporaryDirectory("hf-machine-");

  test("tell its kernel, platform, memory and addresses", async () => {
    const { kernel, platform, memory, addresses, bindsAnyAddress, listeners, gpus } = await read();
    assert.equal(kernel, readFileSync("/proc/sys/kernel/osrelease", "utf8").trim());
    assert.match(platform, /^linux\/(amd64|arm64)$/);
    assert.ok(memory.availableBytes > 0 && memory.availableBytes < memory.totalBytes);
    assert.ok(Math.abs(memory.totalBytes - totalmem()) < 1024 * 1024);
    assert.ok(addresses.includes("127.0.0.1"), String(addresses));
    assert.equal(typeof bindsAnyAddress, "boolean");
    assert.deepEqual([listeners, gpus], [[], []], "nothing that was not asked for");
  });

  test("tell what stands at a path, and how much is free there", async () => {
    const [file, socket, link] = [join(directory, "file"), join(directory, "socket"), join(directory, "link")];
    writeFileSync(file, "");
    chmodSync(file, 0o640);
    symlinkSync(directory, link);
    const server = createServer().listen(socket);
    await once(server, "listening");
    const missing = join(directory, "not/there/yet");
    const below = join(file, "below-a-file");
    const { paths } = await read({ paths: [directory, file, socket, link, missing, below, "/dev/null"] });
    const own = process.getuid?.();
    assert.deepEqual([paths[file]?.kind, paths[file]?.mode, paths[file]?.uid], ["file", 0o640, own]);
    assert.deepEqual([paths[directory]?.kind, paths[directory]?.mode, paths[directory]?.empty], ["directory", 0o700, undefined]);
    const bare = join(directory, "bare");
    mkdirSync(bare);
    assert.equal((await read({ paths: [bare] })).paths[bare]?.empty, true);
    assert.deepEqual([paths[socket]?.kind, paths[link]?.kind, paths["/dev/null"]?.kind], ["socket", "directory", "other"]);
    assert.deepEqual([paths[missing]?.kind, paths[missing]?.mode], ["missing", undefined]);
    assert.equal(paths[below]?.kind, "missing");
    assert.equal(paths[missing]?.disk?.directory, directory, "the nearest that exists");
    const [free, total, inodes] = spawnSync("stat", ["-f", "-c", "%a %b %d %S", directory], { encoding: "utf8" })
      .stdout.split(" ")
      .map(Number);
    const disk = paths[directory]?.disk;
    assert.ok(disk !== undefined && total !== undefined && free !== undefined && inodes !== undefined);
    assert.ok(Math.abs(disk.freeBytes / disk.totalBytes - free / total) < 0.01);
    assert.ok(inodes === 0 ? disk.freeInodes === undefined : (disk.freeInodes ?? 0) > 0);
    server.close();
  });

  test("tell what is in memory only", async () => {
    const { paths } = await read({ paths: ["/dev/shm", "/dev/shm/not/there", "/proc"] });
    assert.deepEqual([paths["/dev/shm"]?.disk?.inMemory, paths["/dev/shm/not/there"]?.disk?.inMemory], [true, true]);
    assert.equal(paths["/proc"]?.disk?.inMemory, false);
  });

  test("find commands in the usual places, and nothing that cannot be run", async () => {
    const { commands } = await read({ commands: ["sh", "no-such-command", "/bin/sh", "../bin/sh", "sh/", ""] });
    assert.match(commands["sh"] ?? "", /^\/.*\/sh$/);
    assert.equal(commands["/bin/sh"], "/bin/sh");
    for (const name of ["no-such-command", "../bin/sh", "sh/", ""]) assert.equal(commands[name], undefined, name);
    writeFileSync(join(directory, "tool"), "#!/bin/sh\n", { mode: 0o644 });
    assert.equal(await findCommand("tool", [directory]), undefined);
    chmodSync(join(directory, "tool"), 0o755);
    assert.equal(await findCommand("tool", ["/nonexistent", directory]), join(directory, "tool"));
    mkdirSync(join(directory, "folder"));
    assert.equal(await findCommand("folder", [directory]), undefined);
  });
});

describe("who listens must be told", () => {
  const servers: Server[] = [];
  const udp = createSocket("udp4");
  let ports: number[] = [];
  const me = new RegExp(`\\(pid ${process.pid}\\)$`);
  before(async () => {
    for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::"]) {
      const server = createServer().listen(0, host);
      await once(server, "listening");
      servers.push(server);
    }
    udp.bind(0, "127.0.0.1");
    await once(udp, "listening");
    ports = [...servers.map((server) => (server.address() as AddressInfo).port), udp.address().port];
  });
  after(() => {
    for (const server of servers) server.close();
    udp.close();
  });

  test("with address, port and process, for the ports that matter", async () => {
    const { listeners } = await read({ ports });
    const [local = 0, all = 0, local6 = 0, all6 = 0, datagrams = 0] = ports;
    const found = listeners.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`);
    assert.deepEqual(
      found.sort(),
      [
        `tcp 127.0.0.1 ${local}`,
        `tcp 0.0.0.0 ${all}`,
        `tcp ::1 ${local6}`,
        `tcp :: ${all6}`,
        `udp 127.0.0.1 ${datagrams}`,
      ].sort(),
    );
    for (const listener of listeners) assert.match(listener.process ?? "", me);
  });

  test("but not who only talks there", async () => {
    const [port = 0] = ports;
    const client = (await import("node:net")).connect(port, "127.0.0.1");
    await once(client, "connect");
    const own = client.localPort ?? 0;
    assert.deepEqual((await read({ ports: [own] })).listeners, []);
    client.destroy();
  });

  test("with the container that the process belongs to", () => {
    const id = "0123456789abcdef".repeat(4);
    for (const text of [
      `0::/system.slice/docker-${id}.scope\n`,
      `12:pids:/docker/${id}\n11:memory:/docker/${id}\n`,
      `0::/../../docker/${id}\n`,
    ])
      assert.equal(findContainer(text), id);
    for (const text of ["", "0::/init.scope\n", `0::/docker/${id.slice(1)}\n`, `0::/docker/${id}/inner\n`])
      assert.equal(findContainer(text), undefined);
  });

  test("as the kernel's tables have it", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 3500007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 17523 1 0000000000000000 100 0 0 10 5",
      "   1: 0500A8C0:01BB 0600A8C0:D431 01 00000000:00000000 00:00000000 00000000   101        0 17524 1 0000000000000000 100 0 0 10 5",
      "   2: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9 1",
      "   3: B80D01200000000067452301EFCDAB89:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 8 1",
      "   4: 00000000:0051 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 7 1",
      "",
    ].join("\n");
    assert.deepEqual(parseSockets("tcp", table), [
      { protocol: "tcp", address: "127.0.0.53", port: 53, inode: "17523" },
      { protocol: "tcp", address: "127.0.0.1", port: 80, inode: "9" },
      { protocol: "tcp", address: "2001:db8::123:4567:89ab:cdef", port: 80, inode: "8" },
    ]);
  });
});

describe("GPUs must be told", () => {
  const directory = createTemporaryDirectory("hf-gpu-");
  const drm = join(directory, "drm");
  /** A command that answers as `nvidia-smi` does. */
  function nvidiaSmi(name: string, script: string): string {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return join(directory, name);
  }

  test("as NVIDIA's driver tells them", async () => {
    const arguments_ = join(directory, "arguments");
    const command = nvidiaSmi(
      "works",
      `echo "$@" > ${arguments_}\nprintf '%s\\n' 'NVIDIA GeForce RTX 3090, 24576 MiB, 535.154.05' 'Tesla T4, [N/A], 535.154.05'`,
    );
    assert.deepEqual(await listGpus(never, { nvidiaSmi: command, drm }), {
      gpus: [
        { vendor: "nvidia", name: "NVIDIA GeForce RTX 3090", memoryBytes: 24576 * 1024 * 1024, driver: "535.154.05" },
        { vendor: "nvidia", name: "Tesla T4", driver: "535.154.05" },
      ],
      problem: undefined,
    });
    assert.equal(readFileSync(arguments_, "utf8"), "--query-gpu=name,memory.total,driver_version --format=csv,noheader\n");
  });

  test("as the kernel tells those of other vendors", async () => {
    const cards: Record<string, Record<string, string>> = {
      card0: { vendor: "0x1002\n", device: "0x73bf\n", mem_info_vram_total: "17163091968\n" },
      card1: { vendor: "0x8086\n", device: "0x46a6\n" },
      card2: { vendor: "0x10de\n", device: "0x2204\n" },
      "card0-HDMI-A-1": { vendor: "0x1002\n" },
    };
    for (const [card, files] of Object.entries(cards)) {
      mkdirSync(join(drm, card, "device"), { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(drm, card, "device", name), text);
    }
    const { gpus } = await listGpus(never, { nvidiaSmi: join(directory, "works"), drm });
    assert.deepEqual(gpus.slice(2), [
      { vendor: "amd", name: "amd 0x73bf", memoryBytes: 17163091968 },
      { vendor: "intel", name: "intel 0x46a6" },
    ]);
  });

  test("or why they could not be asked for", async () => {
    const broken = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    const command = nvidiaSmi("fails", `echo "${broken}"; echo more; exit 9`);
    assert.equal((await listGpus(never, { nvidiaSmi: command, drm })).problem, `nvidia-smi failed: ${broken}`);
    const gone = await listGpus(never, { nvidiaSmi: join(directory, "gone"), drm });
    assert.match(gone.problem ?? "", /^nvidia-smi cannot be started: .*ENOENT/);
    if (existsSync("/usr/bin/nvidia-smi")) return;
    const { gpus, gpuProblem } = await read({ gpus: true });
    assert.deepEqual(
      gpus.filter(({ vendor }) => vendor === "nvidia"),
      [],
    );
    assert.equal(gpuProblem, "nvidia-smi is not installed");
  });
});
