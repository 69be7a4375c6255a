import type { ContainerInfo } from "dockerode";
import type { Attachment, ContainerState, Health, ObservedContainer } from "../model/observed.ts";

const STATES: readonly ContainerState[] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

/** Networks that every engine has. */
const BUILT_IN = ["bridge", "host", "none"];

/**
 * A container as the engine lists it, in Holdfast's words; undefined when it belongs to no Compose project and is on no network
 * that could be one's.
 */
export function readContainer(info: ContainerInfo): ObservedContainer | undefined {
  const label = (name: string): string | undefined => info.Labels[name];
  const [project, service] = [label("com.docker.compose.project") ?? "", label("com.docker.compose.service") ?? ""];
  const isAlone = Object.keys(info.NetworkSettings?.Networks ?? {}).every((name) => BUILT_IN.includes(name));
  if ((project === "" || service === "") && isAlone) return undefined;
  const state = STATES.find((name) => name === info.State) ?? "dead";
  const exitCode = readExitCode(info.Status);
  const [stack, digest] = [label("holdfast.stack"), label("holdfast.digest")];
  return {
    id: info.Id,
    name: (findName(info) ?? info.Id).replace(/^\//, ""),
    project,
    service,
    number: Number(label("com.docker.compose.container-number") ?? 1),
    oneOff: label("com.docker.compose.oneoff") === "True",
    state,
    health: readHealth(info.Status),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(info.NetworkSettings ? { networks: readAttachments(info) } : {}),
    image: info.Image,
    imageId: info.ImageID,
    createdAtMs: info.Created * 1000,
    ...(stack === undefined ? {} : { stack }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function readAttachments({ NetworkSettings }: ContainerInfo): Record<string, Attachment> {
  const networks = Object.entries(NetworkSettings.Networks ?? {});
  return Object.fromEntries(
    networks.map(([name, { NetworkID, EndpointID }]) => [name, { networkId: NetworkID ?? "", endpointId: EndpointID ?? "" }]),
  );
}

// A name that carries a `/` of its own is a link's; the container's own has none. One that is being removed may have lost its name.
function findName(info: ContainerInfo): string | undefined {
  const names: readonly string[] = info.Names ?? [];
  return names.find((name) => name.lastIndexOf("/") === 0) ?? names[0];
}

// The list tells health and exit code only inside its sentence: `Up 2 minutes (healthy)`, `Exited (137) 3 seconds ago`.
function readHealth(status: string): Health {
  if (status.includes("(unhealthy)")) return "unhealthy";
  if (status.includes("(healthy)")) return "healthy";
  return status.includes("(health: starting)") ? "starting" : "none";
}

function readExitCode(status: string): number | undefined {
  const match = /^(?:Exited|Restarting) \((\d+)\)/.exec(status);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
