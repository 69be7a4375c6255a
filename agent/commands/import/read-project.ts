import { readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { parseEnv } from "node:util";
import { type Document, parseDocument } from "yaml";
import type { RunningProject } from "../../engine/list-projects.ts";
import { createHostValues } from "./host-values.ts";
import { createPlacement } from "./place-path.ts";
import { findObstacle, listProfiles, rewriteCompose } from "./rewrite-compose.ts";

/** Of a stack, and with that of a directory: Compose takes no other, but any image can carry the label that names a project. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** A running project as files of a stack. */
export interface ImportedProject {
  readonly name: string;
  /** Content by path below the stack's directory, Compose files first. */
  readonly composeFiles: ReadonlyMap<string, string>;
  /** Path below the stack's directory to the file that is copied there. */
  readonly copies: ReadonlyMap<string, string>;
  readonly profiles: readonly string[];
  /** What stays on this host and is not committed. */
  readonly values: Readonly<Record<string, string>>;
  /** What whoever reads this should know, in words. */
  readonly notes: readonly string[];
}

/** Makes a stack of a project that runs here, or says in words why that cannot be done. Reads files, changes nothing. */
export function readProject(project: RunningProject): ImportedProject | string {
  const { name, directory, composeFiles, services } = project;
  if (!NAME.test(name)) return "its name is no name of a stack; start it with another one (`docker compose --project-name`)";
  if (composeFiles.length === 0 || directory === "") return "its containers do not say where its Compose files are";
  const documents = new Map<string, Document>();
  for (const path of composeFiles) {
    const document = readDocument(path);
    if (typeof document === "string") return document;
    documents.set(path, document);
  }
  const notes: string[] = [];
  const values = createHostValues();
  const placement = createPlacement(directory, composeFiles);
  const profiles = new Set<string>();
  const files = project.envFiles.length > 0 ? project.envFiles : [join(directory, ".env")];
  for (const file of files)
    for (const [variable, value] of Object.entries(readEnv(file))) {
      if (variable === "COMPOSE_PROFILES") for (const profile of value.split(",").filter(Boolean)) profiles.add(profile);
      if (/^(COMPOSE|DOCKER|HOLDFAST)_/.test(variable)) continue;
      values.define(variable, value);
      if (value.includes("$")) notes.push(`${variable} of ${file} holds a $, which is taken literally now: look at it`);
    }
  const named = new Map<string, string>();
  for (const [path, document] of documents) {
    for (const profile of listProfiles(document, services)) profiles.add(profile);
    rewriteCompose(document, {
      services,
      place: placement.place,
      readEnv: (file) => readEnv(resolve(directory, file)),
      values,
      note: (text) => notes.push(documents.size > 1 ? `${path}: ${text}` : text),
    });
    named.set(nameFile(path, directory, documents.size), document.toString({ lineWidth: 0 }));
  }
  return {
    name,
    composeFiles: named,
    copies: placement.copies,
    profiles: [...profiles].sort(),
    values: values.all(),
    notes: [...placement.stays, ...notes],
  };
}

function readDocument(path: string): Document | string {
  try {
    const document = parseDocument(readFileSync(path, "utf8"), { merge: true, logLevel: "error" });
    const [error] = document.errors;
    if (error) return `${path} is no YAML that can be read: ${error.message.split("\n")[0]}`;
    const obstacle = findObstacle(document);
    if (obstacle === undefined) return document;
    return `${path}: ${obstacle}; start it from one file (\`docker compose config --no-interpolate\` writes it) and import it again`;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/, open .*/, "") : String(cause);
    return `${path} cannot be read: ${reason}; put the Compose file there that it was started from`;
  }
}

/** Variables of an environment file; none when it cannot be read, since Compose would not have started without it. */
function readEnv(path: string): Record<string, string> {
  try {
    return parseEnv(readFileSync(path, "utf8")) as Record<string, string>;
  } catch {
    return {};
  }
}

function nameFile(path: string, directory: string, count: number): string {
  if (count === 1) return "compose.yaml";
  const below = relative(directory, path);
  return below.startsWith("..") || below.includes("/") ? basename(path) : below;
}
