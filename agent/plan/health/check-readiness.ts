import type { DesiredStack, ServiceDependency } from "../../model/desired.ts";
import type { ObservedContainer } from "../../model/observed.ts";

/** Whether what a step waits for is true of the containers of its project. */
export function isConditionMet(
  dependency: ServiceDependency,
  project: string,
  containers: readonly ObservedContainer[],
): boolean {
  const own = containers.filter(
    (container) => container.project === project && container.service === dependency.service && !container.oneOff,
  );
  // A dependency that is not required and has no container (its profile is off, say) is not waited for.
  if (own.length === 0) return !dependency.required;
  switch (dependency.condition) {
    case "service_started":
      return own.every((container) => container.state !== "created");
    case "service_healthy":
      return own.every((container) => container.state === "running" && container.health === "healthy");
    case "service_completed_successfully":
      return own.every((container) => container.state === "exited" && container.exitCode === 0);
    default:
      return dependency.condition satisfies never;
  }
}

/** A condition in words: `db is healthy`. */
export function describeCondition({ service, condition }: ServiceDependency): string {
  switch (condition) {
    case "service_started":
      return `${service} is started`;
    case "service_healthy":
      return `${service} is healthy`;
    case "service_completed_successfully":
      return `${service} has finished with code 0`;
    default:
      return condition satisfies never;
  }
}

/** How a stack's containers are: `starting` while a health check has not decided, `unhealthy` when one failed or a container does not run. */
export type StackHealth = "healthy" | "starting" | "unhealthy";

/** The health of a stack from its containers' states and health checks. */
export function judgeHealth(stack: DesiredStack, containers: readonly ObservedContainer[]): StackHealth {
  const project = containers.filter((container) => container.project === stack.name && !container.oneOff);
  const states = stack.services.map((service) => {
    const own = project.filter((container) => container.service === service.name);
    if (own.length < service.replicas) return "unhealthy";
    return worst(own.map((container) => judgeContainer(container, service.oneShot)));
  });
  return worst(states);
}

function judgeContainer(container: ObservedContainer, oneShot: boolean): StackHealth {
  if (container.state === "exited" && oneShot) return container.exitCode === 0 ? "healthy" : "unhealthy";
  if (container.state !== "running" || container.health === "unhealthy") return "unhealthy";
  return container.health === "starting" ? "starting" : "healthy";
}

function worst(states: readonly StackHealth[]): StackHealth {
  if (states.includes("unhealthy")) return "unhealthy";
  return states.includes("starting") ? "starting" : "healthy";
}
