import { hashBlob, hashTree } from "../../agent/git/hash-tree.ts";
import { holdfastError } from "../../agent/model/error.ts";
import type { Source } from "../../agent/ports.ts";
import { strict } from "../fakes/strict.ts";

/** Three minutes before the fake clock starts. */
const COMMITTED_AT_MS = Date.parse("2026-03-01T11:57:00Z");

export interface FakeSource {
  readonly source: Source;
  /** Every request to the server: `tip`, `fetch`. */
  readonly calls: string[];
  /** Commits changes (null deletes) on what the branch names now; returns the revision. */
  commit(files: Readonly<Record<string, string | null>>, message?: string): string;
  /** Takes a revision away, as a rewrite of history does. */
  forget(revision: string): void;
  /** Loses everything that was fetched. */
  lose(): void;
  /** The server is gone, until it is given back. */
  down: boolean;
  /** Objects that are read are damaged, until the next fetch. */
  damaged: boolean;
  /** Why the tip must not be converged. */
  objection?: string | undefined;
  /** The same of single revisions; an error when it cannot be told. */
  readonly verdicts: Map<string, string | Error>;
  /** Every revision that was judged. */
  readonly judged: string[];
  /** Who may sign. */
  signers?: string | undefined;
}

/** A repository in memory: what was not fetched cannot be read. */
export function createFakeSource(): FakeSource {
  const commits = new Map<string, ReadonlyMap<string, string>>();
  const blobs = new Map<string, string>();
  const fetched = new Set<string>();
  let tip = "";
  const hash = (text: string): string => hashBlob(Buffer.from(text));

  function reach(call: string): void {
    fake.calls.push(call);
    if (fake.down)
      throw holdfastError("source-unreachable", "http://git/infra: the connection was refused", { handling: "transient" });
  }
  function open(revision: string): ReadonlyMap<string, string> {
    if (fake.damaged) throw holdfastError("source-corrupt", "an object is damaged", { handling: "transient" });
    const files = commits.get(revision);
    if (files === undefined || !fetched.has(revision))
      throw holdfastError("revision-missing", `${revision} is not here`, { handling: "transient" });
    return files;
  }

  const messages = new Map<string, { readonly message: string; readonly parent: string }>();

  const source = strict<Source>("the fake source", {
    async readMessages(revision, since) {
      const found: string[] = [];
      for (let at = revision; at !== since && messages.has(at); at = messages.get(at)?.parent ?? "")
        found.push(messages.get(at)?.message ?? "");
      return found;
    },
    async readTip() {
      reach("tip");
      return { revision: tip, ref: "refs/heads/main" };
    },
    async fetch({ revision }, _signal, accepted) {
      reach("fetch");
      fetched.add(revision);
      if (accepted !== undefined) fetched.add(accepted.revision);
      fake.damaged = false;
    },
    async judge({ revision }) {
      fake.judged.push(revision);
      const verdict = fake.verdicts.get(revision);
      if (typeof verdict === "object") throw verdict;
      return verdict ?? fake.objection;
    },
    signers: async () => fake.signers,
    prove: async ({ revision, ref }) => ({ ref, commit: revision }),
    async judgeProof(revision, proof) {
      if (fake.signers === undefined) return undefined;
      if (proof?.commit !== revision) return "who signed it was not kept";
      const verdict = fake.verdicts.get(revision);
      if (typeof verdict === "object") throw verdict;
      return verdict;
    },
    async readTree(revision, path) {
      const prefix = path === "" ? "" : `${path}/`;
      const files = [...open(revision)]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, text]) => ({ path: name.slice(prefix.length), oid: hash(text), mode: "100644" as const }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
      return files.length === 0 ? undefined : { oid: hashTree(files), files };
    },
    async readBlob(oid) {
      if (!blobs.has(oid)) throw holdfastError("revision-missing", `${oid} is not here`, { handling: "transient" });
      if (fake.damaged) throw holdfastError("source-corrupt", `${oid} is damaged`, { handling: "transient" });
      return Buffer.from(blobs.get(oid) ?? "");
    },
    async readInfo(revision) {
      open(revision);
      const [subject = ""] = (messages.get(revision)?.message ?? "").split("\n");
      return {
        revision,
        author: "tester",
        subject: subject || "Change something",
        committedAtMs: COMMITTED_AT_MS + [...messages.keys()].indexOf(revision) * 60_000,
      };
    },
    release: () => undefined,
  });

  const fake: FakeSource = {
    ...{ source, calls: [], judged: [], verdicts: new Map<string, string | Error>(), down: false, damaged: false },
    lose: () => fetched.clear(),
    commit(files, message = "") {
      const parent = tip;
      const next = new Map(commits.get(tip));
      for (const [path, text] of Object.entries(files)) {
        if (text === null) next.delete(path);
        else {
          next.set(path, text);
          blobs.set(hash(text), text);
        }
      }
      tip = hash(`${tip}${JSON.stringify([...next])}`);
      commits.set(tip, next);
      messages.set(tip, { message, parent });
      return tip;
    },
    forget(revision) {
      const files = [...(commits.get(revision)?.values() ?? [])];
      commits.delete(revision);
      const needed = new Set([...commits.values()].flatMap((commit) => [...commit.values()]));
      for (const text of files) if (!needed.has(text)) blobs.delete(hash(text));
    },
  };
  return fake;
}
