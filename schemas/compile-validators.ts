import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { isSchema, type Schema } from "./dereference-schema.ts";

// What says something to people, and nothing to a validator.
const ANNOTATIONS = ["title", "description", "default", "examples"];

// What ajv's output would load from ajv at run time, so that the program needs nothing of it.
const RUNTIME_HELPERS = [
  {
    required: 'require("ajv/dist/runtime/ucs2length").default',
    code: "(text) => [...text].length",
  },
  {
    // Only `uniqueItems` uses it, and every such list holds strings (test/schemas says so).
    required: 'require("ajv/dist/runtime/equal").default',
    code: "(a, b) => a === b",
  },
];

/** Compiles schemas, by file name, to an ES module that exports one validating function for each of `names` and imports nothing. */
export function compileValidators(schemas: ReadonlyMap<string, Schema>, names: readonly string[]): string {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    // `not: {required: [a, b]}` says that a and b exclude each other; strictRequired does not look at the schema around it.
    strictRequired: false,
    allowUnionTypes: true,
    validateFormats: false,
    // Messages are made from the outlines.
    messages: false,
    // A definition that is used ten times is one function, not ten copies.
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  ajv.addSchema(mergeSchemas(schemas), "all");
  let code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, `all#/$defs/${name}.schema.json`])));
  for (const { required, code: inline } of RUNTIME_HELPERS) code = code.replaceAll(required, inline);
  code = shortenErrors(dropUnused(code));
  const left = /\brequire\(|^import .*/m.exec(code);
  if (left)
    throw new Error(`the validators would load ${code.slice(left.index, left.index + 80)}; inline it in compile-validators.ts`);
  return code;
}

// Ajv compiles what several schemas refer to once for each of them; as definitions of one schema they share it.
function mergeSchemas(schemas: ReadonlyMap<string, Schema>): Schema {
  const definitions: Record<string, unknown> = {};
  for (const [file, schema] of schemas) {
    const { $id: _, $schema: __, $defs: own, ...root } = withoutAnnotations(schema) as Schema;
    definitions[file] = moveReferences(root, file);
    for (const [name, definition] of Object.entries(isSchema(own) ? own : {})) {
      definitions[`${file}.${name}`] = moveReferences(definition, file);
    }
  }
  return { $defs: definitions };
}

function moveReferences(value: unknown, file: string): unknown {
  if (Array.isArray(value)) return value.map((item) => moveReferences(item, file));
  if (!isSchema(value)) return value;
  const moved = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key !== "$ref" || typeof inner !== "string") return [key, moveReferences(inner, file)];
    const [target, name] = inner.split("#/$defs/");
    return [key, `#/$defs/${target || file}.${name}`];
  });
  return Object.fromEntries(moved);
}

function withoutAnnotations(value: unknown, areNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutAnnotations(item));
  if (!isSchema(value)) return value;
  // Below `properties` and `$defs` the keys are names, and a property may be called `title`.
  const kept = Object.entries(value).filter(([key]) => areNames || !(ANNOTATIONS.includes(key) || key.startsWith("x-")));
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, withoutAnnotations(inner, !areNames && (key === "properties" || key === "$defs"))]),
  );
}

// Ajv repeats each schema in the output, for errors that carry it (verbose); with that off nothing refers to most of them.
function dropUnused(code: string): string {
  return code
    .split("\n")
    .filter((line) => {
      const name = /^const (schema\d+) = /.exec(line)?.[1];
      return name === undefined || (code.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1;
    })
    .join("\n");
}

// Most of the output are the same nine lines for each possible error, and places in the schema that no message needs.
function shortenErrors(code: string): string {
  const pattern = /if\(vErrors === null\)\{\nvErrors = \[(\w+)\];\n\}\nelse \{\nvErrors\.push\(\1\);\n\}\nerrors\+\+;/g;
  const shortened = code
    .replaceAll(pattern, "vErrors = collect(vErrors, $1);\nerrors++;")
    .replaceAll(/,schemaPath:"(?:[^"\\]|\\.)*"/g, "")
    .replaceAll(/params:\{pattern: "(?:[^"\\]|\\.)*"\}/g, "params:{}");
  return `${shortened}\nfunction collect(errors, error) {\nif(errors === null) return [error];\nerrors.push(error);\nreturn errors;\n}\n`;
}
