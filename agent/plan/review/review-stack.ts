import type { DesiredStack } from "../../model/desired.ts";
import type { ServiceReview, StackReview } from "../../model/generated/review.ts";
import type { StackPlan, Step } from "../../model/plan.ts";
import { hideSecrets } from "../masking/secret-shapes.ts";
import { describePort, listPublished } from "../preflight/list-published.ts";
import { describeStep } from "../render-plan.ts";
import { compareSettings } from "./compare-settings.ts";
import { describeData } from "./describe-data.ts";
import { describeService, type Effect } from "./describe-service.ts";
import { diffLines } from "./diff-lines.ts";
import { maskModels } from "./mask-models.ts";
import { outlineModel } from "./outline-model.ts";
import { subtractPorts } from "./subtract-ports.ts";

export interface StackSides {
  readonly stack: string;
  readonly before: DesiredStack | undefined;
  readonly after: DesiredStack | undefined;
  readonly plan: StackPlan | undefined;
  /** Names of the services by those of the containers that the plan starts from. */
  readonly serviceOf: ReadonlyMap<string, string>;
  /** Absolute directory in which the stack's files are placed. */
  readonly root: string;
}

/** The effect of a change on one stack. */
export function reviewStack(sides: StackSides): StackReview {
  const { stack, before, after, plan } = sides;
  const steps = plan?.steps ?? [];
  const services = reviewServices(sides, steps);
  const touched = new Set(services.map(({ service }) => service));
  const created = new Set(services.filter(({ effect }) => ["create", "recreate"].includes(effect)).map((item) => item.service));
  const images = (after?.services ?? []).filter(({ name }) => created.has(name)).map(({ image }) => image);
  const places = steps.filter((step) => step.action === "place");
  const diff = diffModels(before, after);
  return {
    stack,
    change: nameChange(sides, steps),
    notes: [...describeSettings(before, after), ...describeHooks(after, steps)],
    ...(plan?.held === undefined ? {} : { held: plan.held.text }),
    services,
    untouched: (after?.services ?? []).map(({ name }) => name).filter((name) => !touched.has(name)),
    filesPlaced: places.flatMap(({ write }) => write),
    filesRemoved: places.flatMap(({ remove }) => remove),
    portsOpened: subtractPorts(listPorts(after), listPorts(before)),
    portsClosed: subtractPorts(listPorts(before), listPorts(after)),
    data: describeData(sides),
    unpinned: [...new Set(images.filter((image) => !image.includes("@")))].sort(),
    steps: steps.map((step) => ({
      action: step.action,
      text: hideSecrets(describeStep(step)),
      causes: step.causes.map(({ text }) => text),
    })),
    ...(diff === "" ? {} : { diff }),
  };
}

function nameChange({ before, after }: StackSides, steps: readonly Step[]): StackReview["change"] {
  if (after === undefined) return "removed";
  if (before === undefined) return "added";
  return steps.length === 0 ? "settings" : "changed";
}

function reviewServices(sides: StackSides, steps: readonly Step[]): ServiceReview[] {
  const { before, after } = sides;
  const found = new Map<string, ServiceReview>();
  for (const step of steps) {
    for (const [service, effect] of listEffects(step, sides)) {
      // A service of several containers is told of once.
      if (found.has(service)) continue;
      const causes = step.causes.map(({ text }) => text);
      found.set(service, describeService({ service, effect, causes, before, after }));
    }
  }
  return [...found.values()];
}

/** The services that a step concerns, and what it does to them. */
function listEffects(step: Step, { before, serviceOf }: StackSides): [string, Effect][] {
  switch (step.action) {
    case "up": {
      const replicas = (name: string) => before?.services.find((service) => service.name === name)?.replicas ?? 0;
      return step.services.map((name) => [name, step.recreate ? "recreate" : replicas(name) > 0 ? "scale" : "create"]);
    }
    case "restart":
      return [[step.service, "restart"]];
    case "signal":
      return [[step.service, "signal"]];
    case "start":
    case "unpause":
    case "remove":
    case "stop": {
      const service = serviceOf.get(step.container);
      const isStart = step.action === "start" || step.action === "unpause";
      return service === undefined ? [] : [[service, isStart ? "start" : "remove"]];
    }
    default:
      return [];
  }
}

function describeSettings(before: DesiredStack | undefined, after: DesiredStack | undefined): string[] {
  const changed = compareSettings(before, after);
  return changed.length === 0 ? [] : [`settings changed: ${changed.join(", ")}`];
}

function describeHooks(after: DesiredStack | undefined, steps: readonly Step[]): string[] {
  const runs = steps.flatMap((step) => (step.action === "hook" ? [hideSecrets(describeStep(step))] : []));
  // They run once what was changed is healthy, which no plan tells beforehand.
  const isChanged = steps.some(({ action }) => action === "up");
  const later = isChanged ? (after?.hooks ?? []).filter(({ phase }) => phase === "postConverge") : [];
  return [
    ...runs,
    ...later.map(
      ({ service, command }) => `run postConverge hook ${service}: ${hideSecrets(command.join(" "))} once it is healthy`,
    ),
  ];
}

function listPorts(stack: DesiredStack | undefined): string[] {
  if (stack === undefined) return [];
  return listPublished(stack.name, stack.model)
    .map((port) => `${describePort(port)} (${port.service})`)
    .sort();
}

function diffModels(before: DesiredStack | undefined, after: DesiredStack | undefined): string {
  const models = maskModels(before?.model ?? {}, after?.model ?? {});
  return diffLines(
    before === undefined ? [] : outlineModel(models.before),
    after === undefined ? [] : outlineModel(models.after),
  );
}
