import assert from "node:assert/strict";
import { cpSync, openSync, readFileSync, readSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { TARGETS } from "../../install/release/targets.ts";
import { runCommand } from "../engine/run-command.ts";
import { createTemporaryDirectory, removeTemporaryDirectory } from "../servers/temporary-directory.ts";
import { ensureRelease, releaseCommand, SOURCE } from "./ensure-release.ts";

const ROOT = join(import.meta.dirname, "../..");
/** `e_machine` of elf(5). */
const MACHINES = { "linux-x64": 62, "linux-arm64": 183 };
const SOURCES = [
  "agent",
  "install",
  "schemas",
  "systemd",
  "test",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "LICENSE",
];
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

describe("a release", () => {
  let release: string;
  let work: string;
  before(async () => {
    release = await ensureRelease();
    work = createTemporaryDirectory("hf-release-");
  });
  after(() => removeTemporaryDirectory(work));
  const read = (name: string): string => readFileSync(join(release, name), "utf8");

  test("must have the same SHA-256 when the same sources are built elsewhere", async () => {
    const copy = join(work, "elsewhere");
    for (const path of SOURCES) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    await runCommand(releaseCommand("made"), { cwd: copy, timeoutMs: 600_000 });
    assert.equal(readFileSync(join(copy, "made/SHA256SUMS"), "utf8"), read("SHA256SUMS"));
  });

  test("must come with the checksums of all its files", async () => {
    const { stdout } = await runCommand(["sha256sum", "--check", "--strict", "SHA256SUMS"], { cwd: release });
    for (const { platform } of TARGETS) assert.match(stdout, new RegExp(`^holdfast-${platform}: OK$`, "m"));
    const compressed = await runCommand(["sh", "-c", "gzip -dc holdfast-linux-x64.gz | cmp - holdfast-linux-x64"], {
      cwd: release,
    });
    assert.equal(compressed.exitCode, 0);
  });

  for (const { platform } of TARGETS) {
    test(`must have an executable for ${platform} alone`, () => {
      const head = Buffer.alloc(20);
      readSync(openSync(join(release, `holdfast-${platform}`), "r"), head);
      assert.equal(head.readUInt16LE(18), MACHINES[platform]);
    });
  }

  test("must know its version and commit, and read nothing of Node.js from the environment", async () => {
    const file = join(release, `holdfast-linux-${process.arch}`);
    const environment = { NODE_OPTIONS: "--require /nonexistent", NODE_PATH: "/nonexistent" };
    const { stdout, stderr } = await runCommand([file, "version"], { environment });
    const node = TARGETS[0]?.node;
    assert.equal(stdout, `${version} (commit ${SOURCE.commit}, linux-${process.arch}, Node.js ${node})\n`);
    assert.equal(stderr, "");
  });

  test("must check a desired state as the sources do", async () => {
    const file = join(release, `holdfast-linux-${process.arch}`);
    const { stdout } = await runCommand([file, "validate", "desired-state"], { cwd: ROOT });
    const { stdout: expected } = await runCommand([process.execPath, "agent/main.ts", "validate", "desired-state"], {
      cwd: ROOT,
    });
    assert.equal(stdout, expected);
  });

  test("must list what it is made of, with the licence of each part", () => {
    interface Component {
      readonly name: string;
      readonly version: string;
      readonly purl: string;
      readonly components?: readonly Component[];
    }
    const bom = JSON.parse(read("holdfast.cdx.json")) as { specVersion: string; components: readonly Component[] };
    assert.equal(bom.specVersion, "1.6");
    const names = bom.components.map(({ name }) => name);
    for (const name of ["node", "commander", "dockerode", "isomorphic-git", "pino", "undici", "yaml"]) {
      assert.ok(names.includes(name), name);
    }
    // Development only, or left out of the bundle.
    for (const name of ["esbuild", "ajv", "ssh2", "protobufjs"]) assert.ok(!names.includes(name), name);
    assert.ok(bom.components.find(({ name }) => name === "node")?.components?.some(({ name }) => name === "openssl"));
    const licenses = read("LICENSES.txt");
    for (const { name, version: its } of bom.components.slice(1)) assert.ok(licenses.includes(`\n${name} ${its}: `), name);
    assert.match(licenses, /Node\.js is licensed for use as follows/);
  });

  test("must not be made on another Node.js than the one that is named", async () => {
    const runtime = `linux-x64=${process.execPath},${"0".repeat(64)}`;
    const command = [...releaseCommand(join(work, "refused")), "--platform", "linux-x64", "--runtime", runtime];
    const { exitCode, stderr } = await runCommand(command, { cwd: ROOT, allowFailure: true });
    assert.equal(exitCode, 1);
    assert.match(stderr, /its SHA-256 is [0-9a-f]{64}, and should be 0{64}/);
  });
});
