import type { DesiredService } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import { parseDigest } from "../desire/digest-service.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/** What a new version of Compose or of Holdfast would make of a service whose containers are an earlier one's. */
export function detectToolChange(
  service: DesiredService,
  containers: readonly ObservedContainer[],
  request: DriftRequest,
): Drift[] {
  const { toolChange, digest, name } = service;
  if (toolChange === undefined || !containers.some((container) => container.digest === digest)) return [];
  const [now, was] = [composeOf(toolChange.tool), composeOf(service.renderedBy)];
  const { fields } = toolChange;
  const which = fields.length === 0 ? "" : `: ${fields.length === 1 ? "field" : "fields"} ${fields.join(", ")}`;
  const sameScheme = parseDigest(toolChange.digest)?.scheme === parseDigest(digest)?.scheme;
  const who =
    sameScheme && now !== was
      ? `Compose ${now} renders service ${name} differently than ${was ?? "the version before it"} did`
      : `this version of Holdfast digests service ${name} differently than an earlier one did`;
  const cause = `${who}${which}; applied with its next real change`;
  return [makeDrift("tool-changed", request, { service: name, expected: toolChange.digest, actual: digest, cause })];
}

/** Whether another tool renders one of these fields in another way, so that they do not tell how the containers were made. */
export function isRetooled({ toolChange }: DesiredService, fields: RegExp): boolean {
  return toolChange?.fields.some((field) => fields.test(field)) === true;
}

function composeOf(tool: string | undefined): string | undefined {
  return tool?.split("/")[0];
}
