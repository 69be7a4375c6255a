import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { dereferenceSchema, isSchema, type Schema } from "../../schemas/dereference-schema.ts";

const NAMES = ["common", "fleet", "host", "stack", "agent"];
const schemas = new Map<string, Schema>();
for (const name of NAMES) {
  const url = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  schemas.set(`${name}.schema.json`, JSON.parse(await readFile(url, "utf8")) as Schema);
}

/** Every schema inside a flat one, with its path. */
function* listSchemas(schema: Schema, path: string): Generator<[string, Schema]> {
  yield [path, schema];
  for (const [key, inner] of Object.entries(isSchema(schema["properties"]) ? schema["properties"] : {})) {
    yield* listSchemas(inner as Schema, `${path}.${key}`);
  }
  for (const key of ["items", "additionalProperties"])
    if (isSchema(schema[key])) yield* listSchemas(schema[key], `${path}.${key}`);
  for (const [index, branch] of (Array.isArray(schema["oneOf"]) ? schema["oneOf"] : []).entries()) {
    yield* listSchemas(branch as Schema, `${path}.oneOf[${index}]`);
  }
}

const flat = NAMES.slice(1).map((name): [string, Schema] => [name, dereferenceSchema(`${name}.schema.json`, schemas)]);

for (const [file, schema] of schemas) {
  test(`${file} is a valid schema of 2020-12`, () => {
    const ajv = new Ajv2020();
    assert.equal(ajv.validateSchema(schema), true, ajv.errorsText());
    assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert.equal(schema["$id"], file);
  });
}

for (const [name, schema] of flat) {
  test(`${name}: everything has a description of one sentence, which editors show`, () => {
    for (const [path, inner] of listSchemas(schema, name)) {
      const description = inner["description"];
      assert.ok(typeof description === "string" && description.endsWith(".") && !description.includes("\n"), path);
    }
  });

  test(`${name}: every mapping is closed or says what its values are`, () => {
    for (const [path, inner] of listSchemas(schema, name)) {
      if (inner["type"] !== "object") continue;
      const rest = inner["additionalProperties"];
      assert.ok(rest === false || isSchema(rest), path);
    }
  });

  test(`${name}: lists without repetition hold strings, as the compiled comparison expects`, () => {
    for (const [path, inner] of listSchemas(schema, name)) {
      if (inner["uniqueItems"] === true) assert.equal((inner["items"] as Schema)["type"], "string", path);
    }
  });

  test(`${name}: defaults and examples are valid`, () => {
    const ajv = new Ajv2020({ strict: false });
    for (const [path, inner] of listSchemas(schema, name)) {
      const examples = [
        ...((inner["examples"] as unknown[] | undefined) ?? []),
        ...("default" in inner ? [inner["default"]] : []),
      ];
      for (const example of examples) assert.equal(ajv.validate(inner, example), true, `${path}: ${JSON.stringify(example)}`);
    }
  });

  test(`${name}: what is not supported yet is marked by a level, or by a level for each value`, () => {
    for (const [path, inner] of listSchemas(schema, name)) {
      const marker = inner["x-not-supported-yet"];
      if (marker === undefined) continue;
      const levels = isSchema(marker) ? Object.values(marker) : [marker];
      for (const level of levels) assert.ok(level === "warning" || level === "error", path);
      if (!isSchema(marker)) continue;
      const values = ((inner["enum"] as unknown[] | undefined) ?? [true, false]).map(String);
      for (const value of Object.keys(marker)) assert.ok(values.includes(value), `${path}: ${value}`);
    }
  });
}

test("the compiled validators load nothing", async () => {
  const code = await readFile(new URL("../../agent/model/generated/validators.js", import.meta.url), "utf8");
  assert.doesNotMatch(code, /\brequire\(|^import |\bimport\(/m);
  assert.doesNotMatch(code, /ajv\//);
});
