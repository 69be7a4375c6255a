import type { Variables } from "../../model/desired.ts";
import type { TreeFile } from "../../model/tree.ts";
import type { StackLayout } from "../../plan/desire/stack-layout.ts";
import type { Compose, Source, Workspace } from "../../ports.ts";
import type { EnvFile } from "./collect-env.ts";
import { addHookServices, type readHooks } from "./read-hooks.ts";
import type { Rendered, ShareRender } from "./share-renders.ts";

export interface RenderFilesRequest {
  readonly name: string;
  readonly layout: StackLayout;
  /** Id of the tree that the files are of. */
  readonly tree: string;
  readonly files: readonly TreeFile[];
  readonly envFiles: readonly EnvFile[];
  /** What the environment files come to. */
  readonly variables: Variables;
  readonly profiles: readonly string[];
  readonly hooks: ReturnType<typeof readHooks>;
}

export interface RenderPorts {
  readonly source: Source;
  readonly compose: Compose;
  readonly workspace: Workspace;
  /** Absent where one host is looked at. */
  readonly shareRender?: ShareRender;
}

/** What Compose makes of the files of a stack, in a directory of its own that is gone afterwards. */
export async function renderFiles(request: RenderFilesRequest, ports: RenderPorts, signal: AbortSignal): Promise<Rendered> {
  const { name, layout, tree, files, envFiles, variables, profiles, hooks } = request;
  const contents = await Promise.all(
    files.map(async (file) => ({ path: `root/${file.path}`, content: await ports.source.readBlob(file.oid) })),
  );
  const staged = [...contents, ...envFiles.map((file) => ({ path: `env/${file.name}`, content: file.content }))];
  const render = (): Promise<Rendered> =>
    ports.workspace.stage(staged, async (directory) => {
      const root = `${directory}/root`;
      const project = {
        project: name,
        directory: layout.projectDirectory === "" ? root : `${root}/${layout.projectDirectory}`,
        files: layout.composeFiles.map((file) => `${root}/${file}`),
        envFiles: envFiles.map((file) => `${directory}/env/${file.name}`),
      };
      const active = await ports.compose.render({ ...project, profiles }, signal);
      const model = await addHookServices(active, hooks, () => ports.compose.render({ ...project, profiles: ["*"] }, signal));
      return { model, directory: root };
    });
  if (ports.shareRender === undefined) return render();
  const texts = contents.map(({ content }) => content);
  return ports.shareRender(() => ({ about: { name, layout, tree, profiles, hooks }, texts, variables }), render);
}
