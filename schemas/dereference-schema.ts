/** A JSON Schema as it stands in a file. */
export type Schema = { readonly [keyword: string]: unknown };

/** Replaces every `$ref` by what it names, words beside it winning, and drops `$defs`: one flat schema, whose paths are those of the document. */
export function dereferenceSchema(file: string, schemas: ReadonlyMap<string, Schema>): Schema {
  const expand = (value: unknown, current: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => expand(item, current));
    if (!isSchema(value)) return value;
    const reference = value["$ref"];
    if (typeof reference !== "string") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner, current)]));
    }
    const [name = "", pointer = ""] = reference.split("#");
    const target = name === "" ? current : name;
    const { $ref: _, ...beside } = value;
    const found = expand(resolvePointer(schemas, target, pointer), target);
    return { ...(found as Schema), ...(expand(beside, current) as Schema) };
  };
  const root = schemas.get(file);
  if (!root) throw new Error(`${file}: no such schema`);
  const { $defs: _, $id: __, $schema: ___, ...rest } = root;
  return expand(rest, file) as Schema;
}

/** Whether a value is an object, as every schema but true and false is. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function resolvePointer(schemas: ReadonlyMap<string, Schema>, file: string, pointer: string): Schema {
  let value: unknown = schemas.get(file);
  for (const key of pointer.split("/").slice(1)) value = isSchema(value) ? value[key] : undefined;
  if (!isSchema(value)) throw new Error(`${file}#${pointer}: no such definition`);
  return value;
}
