import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { compose, fleet, type Host, startHost } from "./start-host.ts";

const OTHER = process.arch === "arm64" ? "linux/amd64" : "linux/arm64";

describe("a host that lacks what a stack needs", () => {
  let host: Host;
  let programs: string;
  before(async () => {
    programs = createTemporaryDirectory("hf-programs-");
    host = await startHost({ programs });
    await host.push({
      "desired-state/fleet.yaml": fleet(host, "prune: {maxRemovals: 100%}\n"),
      "desired-state/hosts/box.yaml": `vars: {STORAGE: ${host.directory}/storage}\n`,
      "desired-state/stacks/other/stack.yaml": "hosts: all\n",
      "desired-state/stacks/other/compose.yaml": compose({ app: "" }),
    });
    assert.equal(await host.settle(), "converged");
  });
  after(async () => {
    await host.stop();
    removeTemporaryDirectory(programs);
  });

  const push = (lines: string, rest = "", stack = "") =>
    host.push({
      "desired-state/stacks/shop/stack.yaml": `hosts: all\n${stack}`,
      "desired-state/stacks/shop/compose.yaml": compose({ web: lines }, rest),
    });
  const failed = async () => {
    const alerts = (await host.alerts()).filter(({ name }) => name === "HoldfastPreflightFailed");
    return alerts.map(({ labels, text }) => [labels["stack"], text.split("\n").slice(1).join("\n")]);
  };
  /** Holds while `mend` has not been done, and converges afterwards, without anybody doing more about it. */
  async function mends(expected: RegExp, mend: () => Promise<unknown>): Promise<void> {
    assert.equal(await host.settle(), "failed");
    const [[stack, text] = []] = await failed();
    assert.equal(stack, "shop");
    assert.match(text ?? "", expected);
    assert.equal((await host.container("other-app-1"))?.state, "running");
    const id = (await host.container("shop-web-1"))?.id;
    await host.tick();
    assert.equal((await host.container("shop-web-1"))?.id, id, "what ran is left");
    await mend();
    assert.equal(await host.settle(), "converged");
    assert.deepEqual(await failed(), []);
    const now = await host.container("shop-web-1");
    assert.equal(now?.state, "running");
    assert.notEqual(now?.id, id);
  }

  it("must hold the stack while somebody has its port", async () => {
    await host.docker(
      "run",
      "--detach",
      "--init",
      "--name",
      "squatter",
      "--publish",
      "8080:80",
      "busybox:1.35",
      "sleep",
      "100000",
    );
    await push('ports: ["8080:80"]');
    const told =
      /^port 8080\/tcp of web: expected a free port, found container squatter publishing it; stop it \(`docker stop squatter`\)/;
    await mends(told, () => host.docker("rm", "--force", "squatter"));
  });

  it("must hold it while an external network is missing", async () => {
    await push("networks: [lan]", "networks: {lan: {external: true}}\n");
    await mends(/^network lan: expected an external network of that name, found none; `docker network create lan`/, () =>
      host.docker("network", "create", "lan"),
    );
  });

  it("must hold it while a path that Docker is not to make is missing", async () => {
    const path = join(host.directory, "mounted");
    await push(`volumes: [{type: bind, source: ${path}, target: /data, bind: {create_host_path: false}}]`);
    await mends(/\/mounted of web: expected a file or directory, found nothing/, async () => mkdirSync(path));
  });

  it("must hold it while a disk has too little space, and tell what else is wrong at once", async () => {
    const requires = `requires: {disk: [{path: ${host.directory}, free: 4096TiB}], commands: [no-such-command]}\n`;
    await push("environment: {A: one}", "", requires);
    await mends(
      /^disk \S+: expected 4096 TiB free, found .* free.*\ncommand no-such-command: .*; install no-such-command on this host/,
      () => push("environment: {A: one}"),
    );
  });

  it("must hold it until the driver tells of as many GPUs, and as large ones, as it asks for", async () => {
    const drive = (script: string): void =>
      writeFileSync(join(programs, "nvidia-smi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const card = (memory: number): string => `NVIDIA GeForce RTX 3060, ${memory} MiB, 535.183.01`;
    drive('echo "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver"; exit 9');
    await push("environment: {A: gpu}\nruntime: nvidia", "", "requires: {gpu: {vendor: nvidia, count: 2, memory: 12GiB}}\n");
    await mends(
      /^GPU: expected 2 nvidia GPUs of 12 GiB, found none \(nvidia-smi failed: .* the NVIDIA driver\); install NVIDIA's driver/,
      async () => {
        for (const memories of [[12288], [12288, 4096]]) {
          drive(memories.map((memory) => `echo "${card(memory)}"`).join("\n"));
          assert.equal(await host.settle(), "failed");
          const listed = memories.map((memory) => `NVIDIA GeForce RTX 3060 with ${memory / 1024} GiB`).join(", ");
          assert.equal(
            (await failed())[0]?.[1],
            `GPU: expected 2 nvidia GPUs of 12 GiB, found ${listed}; run the stack on another host, or lower \`requires.gpu\``,
          );
        }
        drive(`echo "${card(12288)}"\necho "${card(12288)}"`);
      },
    );
  });

  it("must hold it while an interface has not the address that it asks for", async () => {
    await push("environment: {A: address}", "", "requires: {addresses: [100.100.1.1]}\n");
    await mends(/^address 100\.100\.1\.1: expected an interface with it, found .*; bring its interface up/, () =>
      host.engine.exec(["ip", "address", "add", "100.100.1.1/32", "dev", "lo"]),
    );
  });

  it("must make a missing directory with its mode, and never change one that is there", async () => {
    const requires =
      'requires: {disk: [{path: "${STORAGE}/data", create: true, mode: "0750"}, {path: "${STORAGE}", create: true, mode: "0711"}]}\n';
    await push(`environment: {A: two}\nvolumes: ["\${STORAGE}/data:/data"]`, "", requires);
    assert.equal(await host.settle(), "converged");
    const mode = (path: string): number => statSync(join(host.directory, path)).mode & 0o7777;
    assert.deepEqual([mode("storage"), mode("storage/data")], [0o711, 0o750]);
    const steps = host.log.filter(({ action }) => action === "create-directory").map((line) => String(line["step"]));
    assert.deepEqual(
      steps.map((line) => line.replace(host.directory, "")),
      ["create directory /storage with mode 0711", "create directory /storage/data with mode 0750"],
    );
    await push(`environment: {A: three}\nvolumes: ["\${STORAGE}/data:/data"]`, "", requires.replaceAll("07", "00"));
    assert.equal(await host.settle(), "converged");
    assert.deepEqual([mode("storage"), mode("storage/data")], [0o711, 0o750]);
  });

  it("must create nothing anywhere while the host itself is another one than its file says", async () => {
    await host.push({
      "desired-state/hosts/box.yaml": `platform: ${OTHER}\nvars: {STORAGE: ${host.directory}/storage}\n`,
      "desired-state/stacks/new/stack.yaml": "hosts: all\n",
      "desired-state/stacks/new/compose.yaml": compose({ app: "" }),
    });
    await host.docker("stop", "-t", "1", "other-app-1");
    assert.equal(await host.settle(), "failed");
    assert.equal((await host.container("other-app-1"))?.state, "running");
    assert.equal(await host.container("new-app-1"), undefined);
    const [[stack, text] = []] = await failed();
    assert.equal(stack, undefined);
    assert.match(text ?? "", new RegExp(`^platform: expected ${OTHER}, found linux/`));
    assert.ok(existsSync(host.directory));
  });
});
