import type { Json, JsonObject } from "../../model/desired.ts";
import { UNKNOWN_VALUE } from "../../model/unknown-value.ts";
import { asObject } from "../desire/json.ts";
import { hideSecrets, isHiddenName } from "../masking/secret-shapes.ts";

const HIDDEN = "***";

/**
 * Two rendered models as they may be shown: what is or may be secret reads `***`, and `*** (changed)` where it is another value
 * than before. What only Holdfast needs in them is left out.
 */
export function maskModels(before: JsonObject, after: JsonObject): { before: JsonObject; after: JsonObject } {
  return { before: asObject(mask(strip(before), undefined, false)), after: asObject(mask(strip(after), strip(before), true)) };
}

function mask(value: Json, before: Json | undefined, compare: boolean, hidden = false): Json {
  if (value === null) return value;
  if (Array.isArray(value)) {
    // `NAME=value` and options stand in lists as well; the neighbour of `--password` is its value.
    return value.map((item: Json, index) => {
      const option = value[index - 1];
      const follows = typeof option === "string" && /^--?[\w-]+$/.test(option) && isHiddenName(option.replace(/^-+/, ""));
      return mask(item, (before as readonly Json[] | undefined)?.[index], compare, hidden || follows);
    });
  }
  if (typeof value === "object") {
    const old = typeof before === "object" && before !== null && !Array.isArray(before) ? (before as JsonObject) : {};
    const entries = Object.entries(value as JsonObject);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, mask(item, old[key], compare, hidden || (isScalar(item) && isHiddenName(key)))]),
    );
  }
  const shown = typeof value === "string" ? maskText(value) : value;
  const isMasked = hidden ? value !== "" && !isStructural(value) : shown !== value;
  if (!isMasked) return shown;
  const isChanged = compare && before !== undefined && before !== value;
  const text = hidden ? HIDDEN : String(shown);
  return isChanged ? `${text} (changed)` : text;
}

function maskText(text: string): string {
  const plain = text.replaceAll("$$", "$").replaceAll(UNKNOWN_VALUE, "(kept on the host)");
  // What is encrypted tells nobody anything, and is long.
  return hideSecrets(plain.replace(/ENC\[[^\]]*\]/g, "(encrypted)"));
}

// `secrets: {token: {external: true}}`: a name, or a switch, is no value.
function isStructural(value: Json): boolean {
  return typeof value === "boolean" || value === UNKNOWN_VALUE;
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== "object";
}

function strip(model: JsonObject): JsonObject {
  const { name: _name, services, ...rest } = model;
  const kept = Object.entries(asObject(services)).map(([service, definition]) => {
    const { labels, ...others } = asObject(definition);
    const own = Object.entries(asObject(labels)).filter(([label]) => !/^holdfast\.(stack|digest)$/.test(label));
    return [service, { ...others, ...(own.length > 0 ? { labels: Object.fromEntries(own) } : {}) }];
  });
  return { ...rest, services: Object.fromEntries(kept) };
}
