import type { DesiredService } from "../../model/desired.ts";
import type { Drift, DriftKind } from "../../model/drift.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import { filesOf } from "../alerts/deliveries.ts";
import type { AppliedStack } from "../applied-stack.ts";
import { compareFields, compareFiles } from "../desire/describe-fields.ts";
import { parseDigest } from "../desire/digest-service.ts";
import { findImage } from "../desire/find-image.ts";
import { detectLimits } from "./detect-limits.ts";
import { detectNetwork } from "./detect-network.ts";
import { detectRenamed } from "./detect-renamed.ts";
import { detectState } from "./detect-state.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/** How one container differs from its service; what replaces it anyway hides the rest. */
export function detectContainer(
  service: DesiredService,
  container: ObservedContainer,
  project: readonly ObservedContainer[],
  request: DriftRequest,
): Drift[] {
  const definition = detectDefinition(service, container, request) ?? detectLeftBehind(service, container, project, request);
  if (definition) return [definition];
  const image = detectImage(service, container, request);
  if (image) return [image];
  const renamed = detectRenamed(service, container, project, request);
  // That there is a newer image is no reason not to see that this one does not run.
  const rest = [...detectMoved(service, container, request), ...detectState(service, container, request)];
  if (isLeaving(service, container)) return [...renamed, ...rest];
  const found = [...detectNetwork(service, container, request), ...detectLimits(service, container, request)];
  const replacing = found.filter((item) => item.remedy?.action === "recreate");
  return replacing.length > 0 ? replacing : [...renamed, ...found, ...rest];
}

/** What will not run again as it is: a job that has done its work, and a container on its way out. */
function isLeaving(service: DesiredService, { state, exitCode }: ObservedContainer): boolean {
  return state === "removing" || state === "dead" || (service.oneShot && state === "exited" && exitCode === 0);
}

function detectDefinition(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift | undefined {
  if (container.digest === service.digest) return undefined;
  const [now, was] = [parseDigest(service.digest), parseDigest(container.digest)];
  const details = { service: service.name, container, expected: service.digest, actual: container.digest ?? "none" };
  if (!was)
    return makeDrift("definition", request, { ...details, cause: `container ${container.name} was not created by Holdfast` });
  const kind = was.definition === now?.definition ? "files" : "definition";
  return makeDrift(kind, request, {
    ...details,
    cause: `service ${service.name}: ${explain(kind, service, container, request.applied)}`,
  });
}

// A container that lives in another's namespace holds that one's id for ever. Seen from the containers alone, so that it is
// also found when the agent ended, or had to wait, between the two replacements.
function detectLeftBehind(
  service: DesiredService,
  container: ObservedContainer,
  project: readonly ObservedContainer[],
  request: DriftRequest,
): Drift | undefined {
  const replaced = service.sharesWith.filter((name) => {
    const hosts = project.filter((other) => other.service === name);
    return hosts.length > 0 && hosts.every((host) => host.createdAtMs > container.createdAtMs);
  });
  if (replaced.length === 0) return undefined;
  const cause = `service ${service.name} lives in a container of ${replaced.join(", ")} that was replaced`;
  return makeDrift("definition", request, {
    service: service.name,
    container,
    expected: "created after the container it lives in",
    actual: "created before it",
    cause,
  });
}

/** Names what changed where it is still known what the container was started with. */
function explain(
  kind: DriftKind,
  service: DesiredService,
  container: ObservedContainer,
  applied: AppliedStack | undefined,
): string {
  const before = [applied?.services[service.name], applied?.attempted?.[service.name]].find(
    (item) => item?.digest === container.digest,
  );
  const general = kind === "files" ? "a file it was started with has changed" : "its definition has changed";
  if (before === undefined) return general;
  const changes = [...compareFields(before.fields, service.fields), ...compareFiles(before.files, filesOf(service))];
  if (changes.length > 0) return changes.join(", ");
  // Which files its digest covers is what onChange says.
  return kind === "files" ? "its onChange has changed" : general;
}

// The list names the image by id once its tag names another one. Only the images tell whether the tag still exists.
function detectImage(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift | undefined {
  if (!mayHaveMoved(service, container) || request.images === undefined) return undefined;
  const local = findImage(request.images, service.image);
  if (local === undefined || local.id === container.imageId) return undefined;
  const cause = `${service.image} now names another local image than that of container ${container.name}`;
  return makeDrift("image-local", request, {
    service: service.name,
    container,
    expected: local.id,
    actual: container.imageId,
    cause,
  });
}

function detectMoved(service: DesiredService, container: ObservedContainer, request: DriftRequest): Drift[] {
  const moved = request.moved?.get(service.image);
  if (moved?.imageId !== container.imageId) return [];
  const cause = `${service.image} names another image in its registry than that of container ${container.name}`;
  return [
    makeDrift("image-moved", request, {
      service: service.name,
      container,
      expected: moved.digest,
      actual: container.imageId,
      cause,
    }),
  ];
}

/** Whether only the list of images can settle if the container's image is the right one. */
export function mayHaveMoved(service: DesiredService, container: ObservedContainer): boolean {
  return container.image.startsWith("sha256:") && !service.image.startsWith("sha256:");
}
