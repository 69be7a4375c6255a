import { parse } from "yaml";
import { openDocuments } from "../../agent/desired/open-documents.ts";
import { hashBlob } from "../../agent/git/hash-tree.ts";
import type { DesiredStack, JsonObject } from "../../agent/model/desired.ts";
import { holdfastError } from "../../agent/model/error.ts";
import type { HistoryEntry } from "../../agent/model/history.ts";
import type { EditedFile } from "../../agent/model/observed.ts";
import { asObject } from "../../agent/plan/desire/json.ts";
import type { History, HostEnv, Log, Placer, RenderRequest, Store, Workspace } from "../../agent/ports.ts";
import { strict } from "../fakes/strict.ts";

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** What each tick that did something tells, and each alert: beside the point of most tests. */
const ROUTINE: readonly string[] = ["reconciled", "alert fires", "alert ended"];

export function recordLog(lines: LogLine[], { routine = false } = {}): Log {
  const write = (level: string) => (fields: object, message: string) => {
    if (routine || !ROUTINE.includes(message)) lines.push({ ...fields, level, msg: message });
  };
  return { debug: () => undefined, info: write("info"), warn: write("warn"), error: write("error") };
}

export interface FakeStore extends Store {
  readonly values: Map<string, string>;
  /** Every write fails while this is set. */
  broken: boolean;
}

/** The store in memory; like the real one, it gives nothing back that was not JSON. */
export function createFakeStore(): FakeStore {
  const values = new Map<string, string>();
  const change = (use: () => void): void => {
    if (fake.broken) throw holdfastError("state-failed", "holdfast.db: database or disk is full", { handling: "transient" });
    use();
  };
  const fake: FakeStore = {
    ...{ values, broken: false },
    read<T>(key: string) {
      const text = values.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    write: (key, value) => change(() => void values.set(key, JSON.stringify(value))),
    remove: (key) => change(() => void values.delete(key)),
    list<T>(prefix: string) {
      const found = [...values].filter(([key]) => key.startsWith(prefix)).sort();
      return new Map(found.map(([key, text]) => [key, JSON.parse(text) as T]));
    },
    close: () => undefined,
  };
  return fake;
}

export interface FakeHistory extends History {
  readonly entries: HistoryEntry[];
  /** Nothing can be kept while this is set. */
  broken: boolean;
}

/** The history in memory. */
export function createFakeHistory(): FakeHistory {
  const entries: HistoryEntry[] = [];
  const fake: FakeHistory = {
    ...{ entries, broken: false },
    append(entry) {
      if (fake.broken) throw holdfastError("state-failed", "holdfast.db: database or disk is full", { handling: "transient" });
      entries.push(JSON.parse(JSON.stringify(entry)) as HistoryEntry);
    },
    list: ({ stack, limit }) => entries.filter((entry) => stack === undefined || entry.stack === stack).slice(-limit),
    stacks: () => [...new Set(entries.flatMap((entry) => (entry.stack === undefined ? [] : [entry.stack])))].sort(),
  };
  return fake;
}

/** What stands below the runtime directory, by path. */
export function createFakeWorkspace(files: Map<string, string>): Workspace {
  return strict<Workspace>("the fake workspace", {
    async stage(staged, use) {
      for (const { path, content } of staged) files.set(`/stage/${path}`, Buffer.from(content as string).toString("utf8"));
      try {
        return await use("/stage");
      } finally {
        for (const { path } of staged) files.delete(`/stage/${path}`);
      }
    },
    async writeModel(stack, model) {
      files.set(`/run/${stack}/compose.json`, JSON.stringify(model));
      return `/run/${stack}/compose.json`;
    },
    async readDesired(stack) {
      const text = files.get(`/run/${stack}/desired.json`);
      return text === undefined ? undefined : (JSON.parse(text) as DesiredStack);
    },
    async writeDesired(stack) {
      files.set(`/run/${stack.name}/desired.json`, JSON.stringify(stack));
    },
  });
}

/** Renders the first Compose file: its variables are put in, and it is read as YAML. */
export async function renderFake({ project, files, envFiles }: RenderRequest, read: ReadonlyMap<string, string>) {
  const documents = openDocuments();
  const text = read.get(files[0] ?? "") ?? "";
  const values = Object.assign({}, ...envFiles.map((file) => documents.readEnv(Buffer.from(read.get(file) ?? ""))));
  const filled = text.replace(/\$\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ""));
  const model = parse(filled) as JsonObject;
  const services = Object.entries(asObject(model["services"])).map(([name, value]) => {
    const service = asObject(value);
    const unsaid = service["networks"] === undefined && service["network_mode"] === undefined;
    return [name, unsaid ? { ...service, networks: { default: null } } : service];
  });
  const networks = { default: { name: `${project}_default` }, ...asObject(model["networks"]) };
  return { name: project, ...model, networks, services: Object.fromEntries(services) };
}

/** The stacks' directories, by path. */
export function createFakePlacer(files: Map<string, string>): Placer {
  return strict<Placer>("the fake placer", {
    directoryOf: (stack) => `/state/stacks/${stack}`,
    async place(stack, write, remove) {
      for (const { path, content } of write) files.set(`${stack}/${path}`, Buffer.from(content).toString("utf8"));
      for (const path of remove) files.delete(`${stack}/${path}`);
      return [...write.map(({ path }) => path), ...remove];
    },
    async inspect(stack, wanted) {
      return wanted.flatMap(({ path, oid }): EditedFile[] => {
        const text = files.get(`${stack}/${path}`);
        if (text === undefined) return [{ path, state: "missing", found: "nothing", expected: "a file" }];
        const found = hashBlob(Buffer.from(text));
        return found === oid ? [] : [{ path, state: "edited", found: "other content", expected: "a file", oid: found }];
      });
    },
    async describeEdit(stack, placed, mask) {
      return `-${mask(Buffer.from(placed.content).toString("utf8"))}\n+${mask(files.get(`${stack}/${placed.path}`) ?? "")}`;
    },
  });
}

/** The host's environment files, by name. */
export function createFakeHostEnv(files: Map<string, string>): HostEnv {
  return strict<HostEnv>("the fake host environment", {
    async read(name) {
      const text = files.get(name);
      return text === undefined
        ? { problem: `/etc/holdfast/env/${name}: there is no such file` }
        : { content: Buffer.from(text) };
    },
    directory: "/etc/holdfast/env",
    fingerprint: async (names) => names.map((name) => `${name} ${files.get(name)}`).join("\n"),
  });
}
