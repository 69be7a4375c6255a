import type { DesiredService } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { EditedFile, ObservedContainer } from "../../model/observed.ts";
import { findUndelivered, type Undelivered } from "../alerts/deliveries.ts";
import { decideDriftMode } from "./drift-policy.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/** How many edited files of a stack are told one by one. */
const TOLD_FILES = 20;

/** Placed files that somebody changed on the host, and services that do not have their files as they are now. */
export function detectFiles(request: DriftRequest, project: readonly ObservedContainer[]): Drift[] {
  const { stack, files = [] } = request;
  const told = files.slice(0, TOLD_FILES).map((file) => describeEdited(file, request));
  const rest = files.length - told.length;
  const more = { expected: "as placed", actual: "changed", cause: `${rest} more files were changed by hand` };
  if (rest > 0) told.push({ ...aboutFiles(request), ...more });
  return [...told, ...stack.services.flatMap((service) => detectUndelivered(service, project, request))];
}

/** What was done to a placed file, in one line. */
export function explainEdit({ path, state, found, expected }: EditedFile): string {
  switch (state) {
    case "edited":
      return `${path} was edited by hand`;
    case "missing":
      return `${path} was deleted by hand`;
    case "mode":
      return `${path} has ${found} instead of ${expected.replace("mode ", "")}`;
    case "directory":
    case "symlink":
    case "other":
      return `${path} was replaced by ${found}`;
    case "blocked":
      return `${path} is out of reach: ${found}`;
    case "unreadable":
      return `${path} cannot be read: ${found}`;
    default:
      return state satisfies never;
  }
}

/** What a service is not given yet, in words. */
export function explainUndelivered(service: string, files: readonly Undelivered[]): string {
  const words = files.map(({ path, edited }) => `file ${path} ${edited ? "was edited by hand and put back" : "changed"}`);
  return `service ${service}: ${words.join(", ")}`;
}

function describeEdited(file: EditedFile, request: DriftRequest): Drift {
  const { found: actual, expected, diff } = file;
  return {
    ...aboutFiles(request),
    ...{ expected, actual, cause: explainEdit(file) },
    ...(diff === undefined ? {} : { diff }),
  };
}

// Whoever edits a file on the host does so whatever the repository is doing meanwhile: this is never a change of the revision.
function aboutFiles({ stack }: DriftRequest): Pick<Drift, "stack" | "kind" | "mode" | "origin"> {
  return { stack: stack.name, kind: "files-edited", mode: decideDriftMode("files-edited", stack.drift), origin: "host" };
}

function detectUndelivered(service: DesiredService, project: readonly ObservedContainer[], request: DriftRequest): Drift[] {
  const own = project.filter((container) => container.service === service.name);
  // What is replaced anyway gets everything.
  if (!own.some((container) => container.digest === service.digest)) return [];
  const lives = own.some(({ state }) => state === "running" || state === "paused");
  // What does not run reads its files when it is started.
  const files = findUndelivered(service, request.delivered ?? {}).filter(({ onChange }) => lives || onChange === undefined);
  if (files.length === 0) return [];
  const details = { expected: "its files as they are now", actual: "older ones", cause: explainUndelivered(service.name, files) };
  return [makeDrift("files", request, { service: service.name, ...details })];
}
