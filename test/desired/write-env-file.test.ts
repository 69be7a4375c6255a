import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { writeEnvFile } from "../../agent/desired/write-env-file.ts";

const PLUGINS = ["/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins", "/usr/local/lib/docker/cli-plugins"];
const plugin = PLUGINS.map((directory) => join(directory, "docker-compose")).find((path) => existsSync(path));

/** What `docker compose` makes of `${NAME}` with this env file. */
async function readBack(directory: string, names: readonly string[], text: string): Promise<Record<string, string>> {
  const envFile = join(directory, "variables.env");
  const environment = Object.fromEntries(names.map((name) => [name, `\${${name}}`]));
  await writeFile(envFile, text);
  await writeFile(join(directory, "compose.json"), JSON.stringify({ services: { a: { image: "x", environment } } }));
  const args = [
    "--project-name",
    "p",
    "--env-file",
    envFile,
    "-f",
    join(directory, "compose.json"),
    "config",
    "--format",
    "json",
  ];
  const { stdout } = await promisify(execFile)(plugin ?? "", args, {
    env: { PATH: "/usr/bin:/bin", HOME: directory },
    cwd: directory,
  });
  const model = JSON.parse(stdout) as { services: { a: { environment: Record<string, string> } } };
  // `config` writes `$$` for a dollar sign, so that its output can be read as a Compose file again.
  return Object.fromEntries(
    Object.entries(model.services.a.environment).map(([name, value]) => [name, value.replaceAll("$$", "$")]),
  );
}

const nasty = fc.constantFrom(
  "'",
  '"',
  "\\",
  "$",
  "${A}",
  "$A",
  "$$",
  "#",
  " #",
  " ",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "=",
  "`",
  "\\n",
  "\\'",
  "\\\\",
  "ż",
  "🐋",
  "\u2028",
  "export ",
  "\\0",
  "%",
  "!",
  "\uFEFF",
);
const value = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.array(fc.oneof(nasty, fc.string({ maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join("")),
  )
  .filter((text) => !text.includes("\0"));

test("docker compose reads back every value as it was", {
  skip: plugin === undefined && "docker compose is not installed",
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), "env-file-"));
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 60 }), async (values) => {
        const variables = Object.fromEntries(values.map((text, index) => [`V${index}`, text]));
        assert.deepEqual(await readBack(directory, Object.keys(variables), writeEnvFile(variables)), variables);
      }),
      { numRuns: Number(process.env["ENV_FILE_RUNS"] ?? 25) },
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a value that no environment can carry is refused by name", () => {
  const refuses = (variables: Record<string, string>, message: string) =>
    assert.throws(() => writeEnvFile(variables), { message, code: "desired-state-invalid", handling: "stalled" });
  refuses({ A: "a\0b" }, "the value of A contains a NUL character");
  refuses({ A: "\uD800" }, "the value of A is not valid Unicode");
  refuses({ "A B": "x" }, '"A B" is not a variable\'s name');
  refuses({ "": "x" }, '"" is not a variable\'s name');
});

test("no variables are an empty file", () => assert.equal(writeEnvFile({}), ""));
