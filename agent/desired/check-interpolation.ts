import { type FoundVariables, findVariables, type VariableUse } from "../lib/find-variables.ts";
import type { Pointer } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { type ComposeFile, makeFinding } from "./compose-file.ts";
import { suggestName } from "./suggest-name.ts";

export interface InterpolationCheck {
  readonly findings: readonly Finding[];
  /** Every variable that the file names. */
  readonly used: ReadonlySet<string>;
}

/**
 * Finds variables without value or default in the values of a Compose file; keys are not interpolated.
 * Where some names are only known on the host, only one that looks like a mistyped known one is told, as a warning.
 */
export function checkInterpolation(file: ComposeFile, allNamesKnown: boolean): InterpolationCheck {
  const findings: Finding[] = [];
  const used = new Set<string>();
  const { document, variables } = file;

  const checkText = (found: FoundVariables, pointer: Pointer): void => {
    for (const text of found.invalid) {
      const message = `${text} is not a variable that Compose understands; write \${NAME}, \${NAME:-default} or, for a dollar sign, $$`;
      findings.push(makeFinding(document, pointer, message, "variable-syntax"));
    }
    for (const use of found.uses) {
      used.add(use.name);
      const defined = variables.has(use.name);
      if (!defined && (allNamesKnown || isNear(use.name, variables)) && (use.kind === "plain" || use.kind === "required")) {
        const severity = allNamesKnown ? "error" : "warning";
        findings.push(
          makeFinding(document, pointer, describeUndefined(use, variables, allNamesKnown), "variable-undefined", severity),
        );
      }
      // The word of a default is taken when there is no value, that of an alternative when there is one.
      const taken = use.kind === "default" ? !defined : use.kind === "alternative" && defined;
      checkText(taken ? use.inner : { uses: [], invalid: use.inner.invalid }, pointer);
    }
  };
  const walk = (value: unknown, pointer: Pointer): void => {
    if (typeof value === "string") {
      if (value.includes("$")) checkText(findVariables(value), pointer);
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => {
        walk(item, [...pointer, index]);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...pointer, key]);
    }
  };
  walk(document.value, []);
  return { findings, used };
}

function isNear(name: string, variables: ReadonlySet<string>): boolean {
  return suggestName(name, [...variables]).startsWith("did you mean");
}

function describeUndefined(use: VariableUse, variables: ReadonlySet<string>, allNamesKnown: boolean): string {
  const { name, word } = use;
  const suggestion = suggestName(name, [...variables]);
  const near = suggestion.startsWith("did you mean") ? `${suggestion} Else ` : "";
  if (!allNamesKnown) return `${use.text} has no value in the repository; ${near}one of hostEnvFiles must define ${name}`;
  const said = use.kind === "required" && word !== "" ? ` (${word})` : "";
  const fallback = use.kind === "plain" ? `, or give a default: \${${name}:-…}` : "";
  return `${use.text} has no value${said}; ${near}define ${name} under vars or in an env file${fallback}`;
}
