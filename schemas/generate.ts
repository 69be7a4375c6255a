import { mkdir, readFile, writeFile } from "node:fs/promises";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { compileValidators } from "./compile-validators.ts";
import { dereferenceSchema, type Schema } from "./dereference-schema.ts";
import { outlineSchema } from "./outline-schema.ts";

const KINDS = ["fleet", "host", "stack", "agent"] as const;
/** What commands print: types only, since nothing of it is read back unchecked. */
const REPORTS = ["status", "plan", "review", "doctor", "history", "event", "fleet-status"] as const;
const SOURCES = ["common", ...KINDS, ...REPORTS];
const OUTPUT = "agent/model/generated";
const BANNER = "// Generated from schemas/ by `npm run generate`; do not edit.\n";

const OUTLINE_TYPES = `/** The kinds of documents that have a schema. */
export type DocumentKind = ${KINDS.map((kind) => JSON.stringify(kind)).join(" | ")};

/** What messages about a value of a document need to know of its schema. */
export interface Outline {
  /** What is right here, in words: \`a list of strings\`. */
  readonly expected: string;
  /** The keys that a mapping may have. */
  readonly keys?: Readonly<Record<string, Outline>>;
  /** The values of a mapping whose keys are free. */
  readonly values?: Outline;
  readonly items?: Outline;
  /** Keys that exclude each other. */
  readonly exclusive?: readonly string[];
  /** Not built yet: any value, or the values that are named. */
  readonly notSupported?: "warning" | "error" | Readonly<Record<string, "warning" | "error">>;
  /** A number that would read differently when written out again is refused. */
  readonly asWritten?: true;
  /** The shortest duration that is accepted. */
  readonly atLeast?: string;
}
`;

const VALIDATOR_TYPES = `/** What ajv says is wrong. */
export interface ValidationError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Validate {
  (value: unknown): boolean;
  errors?: readonly ValidationError[] | null;
}

${KINDS.map((kind) => `export declare const ${kind}: Validate;\n`).join("")}`;

async function readSchemas(): Promise<ReadonlyMap<string, Schema>> {
  const schemas = new Map<string, Schema>();
  for (const name of SOURCES) {
    const file = `${name}.schema.json`;
    schemas.set(file, JSON.parse(await readFile(new URL(file, import.meta.url), "utf8")) as Schema);
  }
  return schemas;
}

async function makeOutputs(schemas: ReadonlyMap<string, Schema>): Promise<ReadonlyMap<string, string>> {
  const flat = new Map<string, Schema>(
    [...KINDS, ...REPORTS].map((name) => [name, dereferenceSchema(`${name}.schema.json`, schemas)]),
  );
  const outputs = new Map<string, string>();
  for (const [kind, schema] of flat) {
    const types = await compile(structuredClone(schema) as JSONSchema, kind, {
      bannerComment: "",
      additionalProperties: false,
      ignoreMinAndMaxItems: true,
      format: true,
      style: { printWidth: 130 },
    });
    outputs.set(`${kind}.ts`, `${BANNER}\n${types.trimStart()}`);
  }
  const outlines = KINDS.map((kind) => `  ${kind}: ${JSON.stringify(outlineSchema(flat.get(kind) ?? {}))},\n`).join("");
  outputs.set(
    "outlines.ts",
    `${BANNER}\n${OUTLINE_TYPES}\nexport const OUTLINES: Readonly<Record<DocumentKind, Outline>> = {\n${outlines}};\n`,
  );
  outputs.set("validators.js", `${BANNER}${compileValidators(schemas, KINDS)}\n`);
  outputs.set("validators.d.ts", `${BANNER}\n${VALIDATOR_TYPES}`);
  return outputs;
}

const check = process.argv.includes("--check");
const root = new URL("../", import.meta.url);
const outputs = [...(await makeOutputs(await readSchemas()))].map(([name, text]) => [`${OUTPUT}/${name}`, text] as const);
await mkdir(new URL(`${OUTPUT}/`, root), { recursive: true });
for (const [path, text] of outputs) await write(path, text);
// What describes the commands imports what was just written.
const { makeManual } = await import("../install/man/make-manual.ts");
await write("install/man/holdfast.8", makeManual());

async function write(path: string, text: string): Promise<void> {
  const file = new URL(path, root);
  const present = await readFile(file, "utf8").catch(() => undefined);
  if (present === text) return;
  if (check) {
    console.error(`${path}: ${present === undefined ? "missing" : "out of date"}; run \`npm run generate\``);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`${path}: written`);
  }
}
