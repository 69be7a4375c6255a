import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  type Configuration,
  DEFAULT_CONFIGURATION_FILE,
  flagName,
  readConfiguration,
  SETTINGS,
  variableName,
} from "../../agent/commands/read-configuration.ts";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";

const directory = createTemporaryDirectory("hf-configuration-");
const URL = "https://git.lan/me/infra.git";
let count = 0;

interface Sources {
  /** Content of agent.yaml. */
  readonly text?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  readonly needsRepository?: boolean;
}

function writeConfiguration(text: string): string {
  const file = join(directory, `${count++}.yaml`);
  writeFileSync(file, text);
  return file;
}

function read({ text, environment = {}, flags = {}, needsRepository = true }: Sources): Promise<Configuration> {
  const file = text === undefined ? {} : { file: writeConfiguration(text) };
  return readConfiguration({ documents: openDocuments(), ...file, environment, flags, needsRepository });
}

/** A value that is not the default, its two successors, and where it ends up. */
const VALUES: Readonly<
  Record<string, readonly [string, string, string, (configuration: Configuration) => unknown, ((text: string) => unknown)?]>
> = {
  host: ["a", "b", "c", (it) => it.host],
  "repository-url": ["https://a/x", "https://b/x", "https://c/x", (it) => it.repository.url],
  "repository-branch": ["a", "b", "c", (it) => it.repository.branch],
  "repository-path": ["a", "b", "c/d", (it) => it.repository.path],
  "repository-token-file": ["/a", "/b", "/c", (it) => it.repository.tokenFile],
  "repository-username": ["a", "b", "c", (it) => it.repository.username],
  "repository-tag": ["v1.*", "v2.*", "v*", (it) => it.repository.tag],
  "repository-ssh-key-file": ["/a", "/b", "/c", (it) => it.repository.sshKeyFile],
  "repository-known-hosts-file": ["/a", "/b", "/c", (it) => it.repository.knownHostsFile],
  "repository-allowed-signers": ["/a", "/b", "/c", (it) => it.repository.allowedSigners],
  "repository-gpg-keyring": ["/a", "/b", "/c", (it) => it.repository.gpgKeyring],
  "repository-allow-force-push": ["false", "true", "false", (it) => it.repository.allowForcePush, (text) => text === "true"],
  "repository-ca-file": ["/a", "/b", "/c", (it) => it.repository.caFile],
  interval: ["10s", "2m", "1h30m", (it) => it.intervalMs, (text) => ({ "10s": 10_000, "2m": 120_000, "1h30m": 5_400_000 })[text]],
  listen: [
    "127.0.0.1:1",
    "[::1]:2",
    "localhost:3",
    (it) => it.listen,
    (text) => ({ host: text.startsWith("[") ? "::1" : "127.0.0.1", port: Number(text.slice(-1)), loopback: true }),
  ],
  "token-file": ["/a", "/b", "/c", (it) => it.tokenFile],
  "tls-cert-file": ["/a", "/b", "/c", (it) => it.tls?.certFile],
  "tls-key-file": ["/a", "/b", "/c", (it) => it.tls?.keyFile],
  "allowed-hosts": ["a.lan", "b.lan", "c.lan, d.lan", (it) => it.allowedHosts, (text) => text.split(", ")],
  "webhook-secret-file": ["/a", "/b", "/c", (it) => it.webhookSecretFile],
  "docker-socket": ["/a", "/b", "/c", (it) => it.docker.socket],
  "docker-config-file": ["/a", "/b", "/c", (it) => it.docker.configFile],
  "host-env-dir": ["/a", "/b", "/c", (it) => it.hostEnvDir],
  "state-dir": ["/a", "/b", "/c", (it) => it.stateDir],
  "runtime-dir": ["/a", "/b", "/c", (it) => it.runtimeDir],
  "log-level": ["debug", "warn", "error", (it) => it.logLevel],
};

/** agent.yaml with one setting and a repository. */
function fileWith(setting: readonly string[], value: string): string {
  const tree: Record<string, unknown> = { repository: { url: URL } };
  const [first = "", second] = setting;
  if (second === undefined) tree[first] = value;
  else tree[first] = { ...(tree[first] as object | undefined), [second]: second === "allowForcePush" ? value === "true" : value };
  if (first === "tls") tree["tls"] = { certFile: "/x", keyFile: "/x", ...(tree["tls"] as object) };
  if (first === "allowedHosts") tree["allowedHosts"] = [value];
  return JSON.stringify(tree);
}

describe("readConfiguration", () => {
  for (const setting of SETTINGS) {
    const name = flagName(setting);
    it(`--${name} must win over ${variableName(setting)}, and that one over the file`, async () => {
      const [ofFile, ofEnvironment, ofFlag, pick, convert = (text: string): unknown => text] = VALUES[name] ?? assert.fail(name);
      const text = fileWith(setting, ofFile);
      const environment = { [variableName(setting)]: ofEnvironment };
      assert.deepEqual(pick(await read({ text })), convert(ofFile));
      assert.deepEqual(pick(await read({ text, environment })), convert(ofEnvironment));
      assert.deepEqual(pick(await read({ text, environment, flags: { [name]: ofFlag } })), convert(ofFlag));
      assert.deepEqual(
        pick(await read({ text, environment: { [variableName(setting)]: "" } })),
        convert(ofFile),
        "empty is none",
      );
    });
  }

  it("must know exactly the single values of agent.schema.json that are supported", () => {
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../../schemas/agent.schema.json"), "utf8")) as Schema;
    assert.deepEqual([...SETTINGS].map((setting) => setting.join(".")).sort(), listLeaves(schema, "").sort());
  });

  it("must fill in the defaults, the host's name up to the first dot in lower case among them", async () => {
    assert.deepEqual(await read({ flags: { "repository-url": URL } }), {
      host: hostname().replace(/\..*/, "").toLowerCase(),
      repository: { url: URL, branch: "main", path: "desired-state" },
      listen: { host: "127.0.0.1", port: 9616, loopback: true },
      allowedHosts: [],
      docker: { socket: "/var/run/docker.sock" },
      hostEnvDir: "/etc/holdfast/env",
      stateDir: "/var/lib/holdfast",
      runtimeDir: "/run/holdfast",
      logLevel: "info",
      warnings: [],
    });
    assert.equal((await read({ flags: { "repository-url": URL, "repository-path": "." } })).repository.path, "");
  });

  it("must take the repository from wherever it is said, and need none where none is read", async () => {
    for (const text of ["host: box\n", "{}\n", "repository:\n  branch: next\n"]) {
      assert.equal((await read({ text, environment: { HOLDFAST_REPOSITORY_URL: URL } })).repository.url, URL);
      await read({ text, needsRepository: false });
      await assert.rejects(read({ text }), (error: Error & { hint?: string }) => {
        assert.equal(error.message, "no repository is configured");
        return /^set repository\.url in .*\.yaml, HOLDFAST_REPOSITORY_URL or --repository-url$/.test(error.hint ?? "");
      });
    }
    await read({ needsRepository: false });
  });

  it("must name file, line and column of everything that is wrong, at once", async () => {
    const text = `host: Not A Name\nrepository: {url: "${URL}", brnch: x}\ninterval: 5s\nlog: {level: loud}\nstateDir: here\n`;
    const error = await read({ text }).then(() => assert.fail("accepted"), String);
    const found = [...error.matchAll(/^(?:HoldfastError: )?.*\/\d+\.yaml:(\d+):(\d+): .+ \([a-z-]+\)$/gm)];
    assert.deepEqual(
      found.map(([, line, column]) => `${line}:${column}`),
      ["1:7", `2:${18 + URL.length + 5}`, "3:11", "4:14", "5:11"],
      error,
    );
  });

  for (const [flags, environment, message] of [
    [{ interval: "1s" }, {}, "--interval: interval: 1s is too short; at least 10s (wrong-value)"],
    [{}, { HOLDFAST_LOG_LEVEL: "loud" }, /^HOLDFAST_LOG_LEVEL: log\.level: expected .*, found "loud" \(wrong-value\)$/],
    [{ "docker-socket": "docker.sock" }, {}, /^--docker-socket: docker\.socket: expected an absolute path.* \(wrong-value\)$/],
  ] as const) {
    it(`must name the flag or variable that is wrong: ${JSON.stringify({ ...flags, ...environment })}`, async () => {
      await assert.rejects(read({ flags: { "repository-url": URL, ...flags }, environment }), { message });
    });
  }

  it("must keep the host's own policy", async () => {
    const { policy } = await read({ text: `repository:\n  url: ${URL}\npolicy:\n  privileged: enforce\n` });
    assert.deepEqual(policy, { privileged: "enforce" });
  });

  it("must warn of a key that is not supported", async () => {
    const { warnings } = await read({ text: `repository: {url: "${URL}"}\nageKeyFile: /etc/age\n` });
    assert.match(warnings.join("\n"), /^.*\.yaml:2:\d+: warning: ageKeyFile is not supported yet.*\(not-supported-yet\)$/);
  });

  for (const listen of ["0.0.0.0:9616", ":9616", "[::]:9616", "192.168.1.5:80", "gpu-box.lan:9616"]) {
    it(`must not listen on ${listen} without a token`, async () => {
      const text = `repository: {url: "${URL}"}\nlisten: "${listen}"\n`;
      const needed = "can be reached from other machines, which needs tokenFile (token-missing)";
      await assert.rejects(read({ text }), (error: Error & { hint?: string }) => {
        assert.ok(error.message.endsWith(`.yaml:2:9: listen: ${listen} ${needed}`), error.message);
        return error.hint === "name a file with a token, tokenFile: /etc/holdfast/token, or listen on 127.0.0.1";
      });
      const flags = { "repository-url": URL, listen };
      await assert.rejects(read({ flags }), { message: `--listen: listen: ${listen} ${needed}` });
      const environment = { HOLDFAST_LISTEN: listen, HOLDFAST_REPOSITORY_URL: URL };
      await assert.rejects(read({ environment }), { message: `HOLDFAST_LISTEN: listen: ${listen} ${needed}` });
      assert.equal((await read({ flags: { ...flags, "token-file": "/t" } })).listen.loopback, false);
      assert.equal((await read({ text: `${text}tokenFile: /t\n` })).tokenFile, "/t");
    });
  }

  for (const listen of [
    "9616",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "::1:9616",
    "http://a:80",
    "a b:80",
    "127.0.0.1:0x10",
  ]) {
    it(`must refuse to listen on ${listen}`, async () => {
      await assert.rejects(read({ flags: { "repository-url": URL, listen } }), {
        message: `--listen: listen: expected an address and a port such as 127.0.0.1:9616 or [::1]:9616, found ${JSON.stringify(listen)} (wrong-value)`,
      });
    });
  }

  it("must take the two files of a certificate from different places, and miss one that nobody names", async () => {
    const text = `repository: {url: "${URL}"}\ntls: {certFile: /c}\n`;
    const environment = { HOLDFAST_TLS_KEY_FILE: "/k" };
    assert.deepEqual((await read({ text, environment })).tls, { certFile: "/c", keyFile: "/k" });
    await assert.rejects(read({ text }), /\.yaml:2:6: tls: the key "keyFile" is missing; it takes an absolute path/);
    await assert.rejects(read({ flags: { "repository-url": URL }, environment }), /tls: the key "certFile" is missing/);
  });

  it("must take several allowed hosts, and refuse what is no name", async () => {
    const flags = { "repository-url": URL, "allowed-hosts": "gpu-box.lan,10.0.0.5 , [fd00::5]" };
    assert.deepEqual((await read({ flags })).allowedHosts, ["gpu-box.lan", "10.0.0.5", "[fd00::5]"]);
    for (const hosts of ["gpu-box.lan:9616", "https://gpu-box.lan", "a,,b", "*"])
      await assert.rejects(
        read({ flags: { "repository-url": URL, "allowed-hosts": hosts } }),
        /^HoldfastError: --allowed-hosts: .*without a port/,
      );
  });

  it("must not overlook that a file which was named is missing", async () => {
    const file = join(directory, "missing.yaml");
    const sources = { documents: openDocuments(), flags: { "repository-url": URL } };
    const message = `${file}: there is no such file`;
    await assert.rejects(readConfiguration({ ...sources, file, environment: {} }), { message });
    await assert.rejects(readConfiguration({ ...sources, environment: { HOLDFAST_CONFIG: file } }), { message });
    await readConfiguration({ ...sources, environment: { HOLDFAST_CONFIG: "" } });
    assert.equal(DEFAULT_CONFIGURATION_FILE, "/etc/holdfast/agent.yaml");
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly $ref?: string;
  readonly "x-not-supported-yet"?: unknown;
}

/** The keys that hold one text and are acted on; a mapping such as `policy` has no flag. */
function listLeaves(schema: Schema, path: string): string[] {
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([key, inner]) =>
      inner["x-not-supported-yet"] === undefined ? listLeaves(inner, path === "" ? key : `${path}.${key}`) : [],
    );
  return schema.$ref?.endsWith("/policy") ? [] : [path];
}
