import type { DesiredService, DesiredStack } from "../../model/desired.ts";
import type { Drift } from "../../model/drift.ts";
import type { ObservedContainer } from "../../model/observed.ts";
import { detectContainer } from "./detect-container.ts";
import { detectDefinitions } from "./detect-definitions.ts";
import { detectFiles } from "./detect-files.ts";
import { detectGuests } from "./detect-guests.ts";
import { detectToolChange } from "./detect-tool-change.ts";
import { type DriftRequest, makeDrift } from "./make-drift.ts";

/** Every way in which the host differs from one stack of the desired state. */
export function detectDrift(request: DriftRequest): Drift[] {
  const { stack, containers, applied } = request;
  const project = containers.filter((container) => container.project === stack.name && !container.oneOff);
  const ours = applied !== undefined || project.some((container) => container.stack !== undefined);
  if (project.length > 0 && !ours && !stack.adopt) return [describeUnadopted(stack, project)];
  const found = stack.services.flatMap((service) => detectService(service, project, request));
  const all = [
    ...detectFiles(request, project),
    ...found,
    ...detectStrangers(request, project),
    ...detectGuests(request),
    ...detectDefinitions(request),
  ];
  return all.filter((drift) => drift.mode !== "ignore");
}

function detectService(service: DesiredService, project: readonly ObservedContainer[], request: DriftRequest): Drift[] {
  const containers = project.filter((container) => container.service === service.name).sort((a, b) => a.number - b.number);
  const count = detectCount(service, containers, request);
  return [
    ...count,
    ...containers.flatMap((container) => detectContainer(service, container, project, request)),
    ...detectToolChange(service, containers, request),
  ];
}

function detectCount(service: DesiredService, containers: readonly ObservedContainer[], request: DriftRequest): Drift[] {
  if (containers.length === service.replicas) return [];
  const kind = containers.length === 0 ? "service-missing" : "replicas";
  const expected = plural(service.replicas, "container");
  const actual = containers.length === 0 ? "none" : plural(containers.length, "container");
  const cause =
    kind === "service-missing"
      ? `service ${service.name} has no container`
      : `service ${service.name} has ${actual} of ${service.replicas}`;
  return [makeDrift(kind, request, { service: service.name, expected, actual, cause })];
}

function detectStrangers(request: DriftRequest, project: readonly ObservedContainer[]): Drift[] {
  const declared = new Set(request.stack.services.map((service) => service.name));
  return project
    .filter((container) => !declared.has(container.service))
    .map((container) => {
      const kind = container.stack === undefined ? "foreign" : "orphan";
      const cause = `container ${container.name} belongs to service ${container.service}, which the stack does not have`;
      return makeDrift(kind, request, {
        service: container.service,
        container,
        expected: "no container",
        actual: container.state,
        cause,
      });
    });
}

function describeUnadopted(stack: DesiredStack, project: readonly ObservedContainer[]): Drift {
  const names = project.map((container) => container.name).sort();
  const cause = `project ${stack.name} already runs here without Holdfast (${names.join(", ")}); set adopt: true in its stack.yaml to take it over`;
  return {
    stack: stack.name,
    kind: "not-adopted",
    mode: "report",
    origin: "host",
    expected: "a project of Holdfast's",
    actual: plural(names.length, "container"),
    cause,
  };
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
