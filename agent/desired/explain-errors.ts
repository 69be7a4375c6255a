import type { Pointer } from "../model/document.ts";
import type { Outline } from "../model/generated/outlines.ts";
import type { ValidationError } from "../model/generated/validators.js";
import { describeValue } from "./describe-value.ts";
import type { OutlineProblem } from "./find-unsupported.ts";
import { suggestName } from "./suggest-name.ts";

interface Place {
  readonly pointer: Pointer;
  readonly outline: Outline;
  readonly value: unknown;
}

/** Turns what the validator says into what a person would say: what is right, once, at the value that is wrong. */
export function explainErrors(errors: readonly ValidationError[], outline: Outline, value: unknown): OutlineProblem[] {
  const choices = errors.filter((error) => error.keyword === "oneOf").map((error) => error.instancePath);
  const problems = errors
    .filter((error) => !("propertyName" in error) && !choices.includes(error.instancePath))
    .map((error) => explainError(error, findPlace(error.instancePath, outline, value)))
    .concat(choices.flatMap((path) => explainChoice(findPlace(path, outline, value), errors, path)));
  // A required key that is misspelt is not missing too.
  const meant = problems
    .filter(({ rule }) => rule === "unknown-key")
    .map(({ pointer, message }) => [...pointer.slice(0, -1), message].join("/"));
  return problems.filter(({ rule, pointer, message }) => {
    const key = rule === "missing-key" ? /"(.*?)"/.exec(message)?.[1] : undefined;
    return !meant.some((one) => key !== undefined && one.startsWith(pointer.join("/")) && one.endsWith(`did you mean "${key}"?`));
  });
}

function explainError(error: ValidationError, place: Place): OutlineProblem {
  const { pointer, outline, value } = place;
  const { params } = error;
  switch (error.keyword) {
    case "additionalProperties":
      return refuseKey(String(params["additionalProperty"]), place);
    case "required": {
      const key = String(params["missingProperty"]);
      const expected = outline.keys?.[key]?.expected;
      return problem(
        pointer,
        `the key "${key}" is missing; ${expected === undefined ? "add it" : `it takes ${expected}`}`,
        "missing-key",
      );
    }
    case "type":
      return problem(pointer, mismatch(place), "wrong-type");
    case "uniqueItems": {
      const second = Math.max(Number(params["i"]), Number(params["j"]));
      const item = Array.isArray(value) ? value[second] : undefined;
      return problem([...pointer, second], `${describeValue(item)} is listed twice; keep one`, "duplicate-item");
    }
    case "minItems":
      return problem(pointer, "the list is empty; give at least one item, or remove the key", "wrong-value");
    case "not":
      return problem(pointer, `${(outline.exclusive ?? []).join(" and ")} exclude each other; keep one`, "exclusive-keys");
    case "propertyNames":
      return refuseVariable(String(params["propertyName"]), pointer);
    default:
      return problem(pointer, mismatch(place), "wrong-value");
  }
}

// A value of several possible shapes fails all of them; only what is wrong with the shape that was meant is of interest.
function explainChoice(place: Place, errors: readonly ValidationError[], path: string): OutlineProblem[] {
  const { pointer, outline, value } = place;
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  const known = Object.keys(outline.keys ?? {});
  const unknown = isMapping ? Object.keys(value).filter((key) => !known.includes(key)) : [];
  if (unknown.length > 0) return unknown.map((key) => refuseKey(key, place));
  // What is wrong below one of the shapes is explained by itself.
  const deeper = errors.some((error) => error.instancePath.startsWith(`${path}/`));
  if (deeper && isMapping && Object.keys(value).length === 1) return [];
  return [problem(pointer, mismatch(place), "wrong-value")];
}

function mismatch({ outline, value }: Place): string {
  const quotes = outline.expected.startsWith("a string") && (typeof value === "number" || typeof value === "boolean");
  return `expected ${outline.expected}, found ${describeValue(value)}${quotes ? "; put it in quotes" : ""}`;
}

function refuseKey(key: string, { pointer, outline }: Place): OutlineProblem {
  const message = `unknown key "${key}"; ${suggestName(key, Object.keys(outline.keys ?? {}))}`;
  return { pointer: [...pointer, key], at: "key", message, rule: "unknown-key", severity: "error" };
}

function refuseVariable(name: string, pointer: Pointer): OutlineProblem {
  const reserved = /^(COMPOSE|DOCKER)_/.test(name);
  const message = reserved
    ? "names that start with COMPOSE_ or DOCKER_ steer Compose itself; choose another"
    : "expected a variable's name: letters, digits and _, not starting with a digit";
  return {
    pointer: [...pointer, name],
    at: "key",
    message,
    rule: reserved ? "variable-reserved" : "variable-name",
    severity: "error",
  };
}

function problem(pointer: Pointer, message: string, rule: string): OutlineProblem {
  return { pointer, at: "value", message, rule, severity: "error" };
}

// JSON pointer (RFC 6901) to the value and to what the schema says of it.
function findPlace(path: string, outline: Outline, value: unknown): Place {
  const pointer: (string | number)[] = [];
  let place: Place = { pointer, outline, value };
  for (const raw of path.split("/").slice(1)) {
    const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    const isItem = Array.isArray(place.value);
    pointer.push(isItem ? Number(key) : key);
    const inner = isItem ? place.outline.items : (place.outline.keys?.[key] ?? place.outline.values);
    place = { pointer, outline: inner ?? { expected: "another value" }, value: (place.value as Record<string, unknown>)[key] };
  }
  return place;
}
