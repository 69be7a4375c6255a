import type { DesiredService, DesiredStack } from "../../model/desired.ts";
import type { ObservedContainer, ObservedImage } from "../../model/observed.ts";
import { type Delivered, filesOf, markStarted } from "../alerts/deliveries.ts";
import type { AppliedStack } from "../applied-stack.ts";
import { nameTool } from "../desire/digest-service.ts";
import { fileKey } from "../desire/file-key.ts";
import { asObject } from "../desire/json.ts";
import { orderServices } from "../order-services.ts";

/** What a host would be like where a stack had just been converged, and what Holdfast would remember of it. */
export interface ConvergedStack {
  readonly containers: readonly ObservedContainer[];
  readonly images: readonly ObservedImage[];
  readonly applied: AppliedStack;
  /** Identities of the placed files by path, as `fileKey` spells them. */
  readonly placed: Readonly<Record<string, string>>;
  /** What the services were given of their files. */
  readonly delivered: Delivered;
}

/**
 * The host as a stack leaves it that was converged without a hitch: plans of a change start from it where no engine can be asked.
 * Creation times only tell the order; ids stand for nothing.
 */
export function assumeConverged(stack: DesiredStack): ConvergedStack {
  const ordered = orderServices(stack.services);
  const services = stack.services.map(
    (service) => [service.name, { digest: service.digest, fields: service.fields, files: filesOf(service) }] as const,
  );
  return {
    containers: ordered.flatMap((service, index) => assumeContainers(service, stack, index)),
    images: [...new Set(stack.services.map(({ image }) => image))].sort().map(assumeImage),
    applied: {
      inputs: stack.inputs,
      revision: stack.revision,
      services: Object.fromEntries(services),
      // The tool of now: nothing has to be rendered once more to tell what another one would make of it.
      tool: nameTool(stack.composeVersion),
    },
    placed: Object.fromEntries(stack.files.map((file) => [file.path, fileKey(file)])),
    delivered: ordered.reduce<Delivered>((known, { name }) => markStarted(known, stack, name), {}),
  };
}

function assumeContainers(service: DesiredService, stack: DesiredStack, createdAtMs: number): ObservedContainer[] {
  return Array.from({ length: service.replicas }, (_, index) => {
    const number = index + 1;
    const name = service.containerName ?? `${stack.name}-${service.name}-${number}`;
    return {
      id: `assumed ${name}`,
      name,
      project: stack.name,
      service: service.name,
      number,
      oneOff: false,
      ...(service.oneShot ? { state: "exited" as const, exitCode: 0 } : { state: "running" as const }),
      health: hasHealthcheck(service, stack) ? "healthy" : "none",
      image: service.image,
      imageId: nameImage(service.image),
      createdAtMs,
      stack: stack.name,
      digest: service.digest,
    };
  });
}

function hasHealthcheck(service: DesiredService, { model }: DesiredStack): boolean {
  const check = asObject(asObject(asObject(model["services"])[service.name])["healthcheck"]);
  return Object.keys(check).length > 0 && check["disable"] !== true;
}

function assumeImage(reference: string): ObservedImage {
  const name = reference.replace(/^docker\.io\/(library\/)?/, "");
  if (reference.includes("@")) return { id: nameImage(reference), tags: [], digests: [name.replace(/:[^/@:]+@/, "@")] };
  const isTagged = name.slice(name.lastIndexOf("/") + 1).includes(":");
  return { id: nameImage(reference), tags: [isTagged ? name : `${name}:latest`], digests: [] };
}

function nameImage(reference: string): string {
  return `assumed ${reference}`;
}
