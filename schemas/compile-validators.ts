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
  for (const schema of schemas.values()) ajv.addSchema(withoutAnnotations(schema) as Schema);
  let code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, `${name}.schema.json`])));
  for (const { required, code: inline } of RUNTIME_HELPERS) code = code.replaceAll(required, inline);
  code = dropUnused(code);
  const left = /\brequire\(|^import .*/m.exec(code);
  if (left)
    throw new Error(`the validators would load ${code.slice(left.index, left.index + 80)}; inline it in compile-validators.ts`);
  return code;
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
