import type { Variables } from "../../model/desired.ts";
import type { Stack } from "../../model/generated/stack.ts";
import type { StackLayout } from "../../plan/desire/stack-layout.ts";
import type { Documents } from "../../ports/documents.ts";
import type { HostEnv } from "../../ports.ts";

/** What a stack needs from the environment: files in the order in which later ones win. */
export interface EnvFile {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly values: Variables;
}

const RESERVED = /^(COMPOSE|DOCKER)_/;

export interface EnvRequest {
  /** The value of stack.yaml with the fleet's defaults below it. */
  readonly settings: Stack;
  /** Variables of fleet, host and stack, merged. */
  readonly variables: Variables;
  /** HOLDFAST_HOST and the like: they win over every other variable. */
  readonly fixed: Variables;
}

export interface EnvPorts {
  readonly documents: Documents;
  /** Absent where another host's stacks are checked: what its files hold is not known there. */
  readonly hostEnv?: HostEnv;
}

/** Everything that a stack's variables come from, on this host; `complete` is false where what stays on a host is not known. */
export async function collectEnv(
  request: EnvRequest,
  layout: StackLayout,
  read: (path: string) => Promise<Uint8Array | undefined>,
  ports: EnvPorts,
) {
  const { settings, variables, fixed } = request;
  const { documents, hostEnv } = ports;
  const files: EnvFile[] = [];
  const problems: { index: number; problem: string }[] = [];
  const secrets: string[] = [];
  const addText = (name: string, content: Uint8Array | undefined): void => {
    if (content) files.push({ name, content, values: documents.readEnv(content) });
  };
  const addValues = (name: string, values: Variables): void => {
    files.push({ name, content: documents.writeEnv(values), values });
  };
  addText("beside.env", await read(layout.projectDirectory === "" ? ".env" : `${layout.projectDirectory}/.env`));
  addValues("variables.env", variables);
  // A committed file that is missing is a finding of the scan.
  for (const [index, path] of layout.envFiles.entries()) addText(`committed-${index}.env`, await read(path));
  for (const [index, name] of (settings.hostEnvFiles ?? []).entries()) {
    const result = await hostEnv?.read(name);
    if (result !== undefined && "problem" in result) problems.push({ index, problem: result.problem });
    else addText(`host-${index}.env`, result?.content);
    const values = result !== undefined && "content" in result ? documents.readEnv(result.content) : {};
    secrets.push(...Object.values(values));
    const reserved = Object.keys(values).find((key) => RESERVED.test(key));
    if (reserved !== undefined)
      problems.push({
        index,
        problem: `${name} defines ${reserved}: names that start with COMPOSE_ or DOCKER_ steer Compose itself`,
      });
  }
  addValues("fixed.env", fixed);
  const complete = hostEnv !== undefined || (settings.hostEnvFiles ?? []).length === 0;
  // The agent itself needs the values only of secrets and configs that are made from a variable.
  const values: Variables = Object.assign({}, ...files.map((file) => file.values));
  return { files, values, secrets, problems, complete };
}
