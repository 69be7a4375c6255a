import type { DesiredService } from "../../model/desired.ts";
import type { AppliedService } from "../applied-stack.ts";
import { listFields } from "./describe-fields.ts";

export interface CarryRequest {
  /** The tool of now, as `nameTool` spells it. */
  readonly tool: string;
  /** Whether the services below were made from the very same inputs. */
  readonly sameInputs: boolean;
  /** What was last converged, by service. */
  readonly services: Readonly<Record<string, AppliedService>>;
}

type Carried = Pick<DesiredService, "digest" | "fields" | "renderedBy" | "toolChange">;

/**
 * The digest of a service. Where only the tool is another, it stays the one that the containers carry: a new version of Compose
 * or of Holdfast replaces nothing by itself. Once something of the service changes, it gets the tool's own.
 */
export function carryDigest(
  name: string,
  digest: string,
  fields: Readonly<Record<string, string>>,
  request: CarryRequest | undefined,
): Carried {
  if (request === undefined) return { digest, fields };
  const { tool, sameInputs } = request;
  const before = request.services[name];
  const fresh: Carried = { digest, fields, renderedBy: tool };
  if (before === undefined) return fresh;
  if (before.digest === digest) return { ...fresh, renderedBy: before.renderedBy ?? tool };
  const unchanged = sameInputs || (before.now?.tool === tool && before.now.digest === digest);
  if (!unchanged) return fresh;
  // What was kept of a revision that was rolled back to has digests only.
  const known = Object.keys(before.fields).length > 0;
  return {
    digest: before.digest,
    fields: known ? before.fields : fields,
    ...(before.renderedBy === undefined ? {} : { renderedBy: before.renderedBy }),
    toolChange: { tool, digest, fields: known ? listFields(before.fields, fields) : [] },
  };
}
