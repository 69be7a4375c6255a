import Docker, { type ContainerInfo } from "dockerode";

/** A Compose project as its containers tell of it, whoever started it. */
export interface RunningProject {
  readonly name: string;
  /** Absolute path that relative paths of its Compose files are relative to. */
  readonly directory: string;
  /** Absolute paths. */
  readonly composeFiles: readonly string[];
  /** Absolute paths of the files that were given with `--env-file`; none: `.env` in its directory. */
  readonly envFiles: readonly string[];
  /** Whether Holdfast converges it already. */
  readonly managed: boolean;
  readonly services: readonly RunningService[];
}

export interface RunningService {
  readonly name: string;
  /** Reference of its image, as its container has it. */
  readonly image: string;
  /** `NAME=value`, as its container was given it and its image's own. */
  readonly environment: readonly string[];
}

/** Every Compose project of an engine, by name; one-off containers do not count. */
export async function listProjects(socket: string, abortSignal: AbortSignal): Promise<readonly RunningProject[]> {
  const docker = new Docker({ socketPath: socket });
  const filters = { label: ["com.docker.compose.project"] };
  const byProject = new Map<string, ContainerInfo[]>();
  for (const info of await docker.listContainers({ all: true, filters, abortSignal })) {
    const name = info.Labels["com.docker.compose.project"];
    if (name === undefined || info.Labels["com.docker.compose.oneoff"] === "True") continue;
    byProject.set(name, [...(byProject.get(name) ?? []), info]);
  }
  const projects = [...byProject].sort(([a], [b]) => a.localeCompare(b));
  return Promise.all(projects.map(([name, containers]) => readProject(docker, name, containers, abortSignal)));
}

async function readProject(docker: Docker, name: string, containers: readonly ContainerInfo[], abortSignal: AbortSignal) {
  const newest = [...containers].sort((a, b) => b.Created - a.Created)[0];
  const label = (key: string): string => newest?.Labels[`com.docker.compose.project.${key}`] ?? "";
  const list = (key: string): string[] => label(key).split(",").filter(Boolean);
  const services = new Map(containers.map((info) => [info.Labels["com.docker.compose.service"] ?? "", info]));
  return {
    name,
    directory: label("working_dir"),
    composeFiles: list("config_files"),
    envFiles: list("environment_file"),
    managed: containers.some((info) => info.Labels["holdfast.stack"] !== undefined),
    services: await Promise.all(
      [...services].map(async ([service, { Id }]) => {
        const { Config } = await docker.getContainer(Id).inspect({ abortSignal });
        return { name: service, image: Config.Image, environment: Config.Env ?? [] };
      }),
    ),
  };
}
