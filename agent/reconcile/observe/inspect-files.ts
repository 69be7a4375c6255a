import type { DesiredFile, DesiredHost, DesiredStack } from "../../model/desired.ts";
import { toHoldfastError } from "../../model/error.ts";
import type { EditedFile } from "../../model/observed.ts";
import { fileKey } from "../../plan/desire/file-key.ts";
import { chooseInspected } from "../../plan/drift/choose-inspected.ts";
import { explainEdit } from "../../plan/drift/detect-files.ts";
import { isConfidential, maskSecrets } from "../../plan/masking/mask-secrets.ts";
import type { Kept, Log, Placer, Source } from "../../ports.ts";
import { readCommitted } from "../desire/read-committed.ts";

/** What is known of the placed files between two looks. */
export interface FileMemory {
  /** Stacks of which it was told that something happened to a file. */
  readonly told: Set<string>;
  /** By stack, what was looked at and what was found. */
  looks: ReadonlyMap<string, FileLook>;
}

export interface FileLook {
  readonly key: string;
  readonly files: readonly DesiredFile[];
  readonly edited: readonly EditedFile[];
}

export interface InspectPorts {
  readonly placer: Pick<Placer, "inspect" | "describeEdit">;
  readonly source: Pick<Source, "readBlob" | "release">;
  readonly kept: Kept;
  readonly log: Log;
}

export interface InspectRequest {
  readonly desired: DesiredHost;
  /** By stack, the keys by path of the files that were placed. */
  readonly placed: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Look at every stack, whatever was told. */
  readonly audit: boolean;
}

/** How many files of a stack are compared line by line, and told in the log. */
const TOLD_FILES = 10;

/**
 * Placed files that are not as they were placed, by stack. A stack is looked at when something was told of it, when its files are
 * other ones, and at an audit; in between, only what was found before is looked at, until it is right again.
 */
export async function inspectFiles(
  { desired, placed, audit }: InspectRequest,
  ports: InspectPorts,
  memory: FileMemory,
): Promise<ReadonlyMap<string, readonly EditedFile[]>> {
  const looks = new Map<string, FileLook>();
  for (const stack of desired.stacks) {
    const before = memory.looks.get(stack.name);
    const files = chooseInspected(stack, placed.get(stack.name) ?? {});
    const key = files.map((file) => `${file.path} ${fileKey(file)}`).join("\n");
    const told = memory.told.delete(stack.name);
    const all = audit || told || before?.key !== key;
    const suspects = all ? files : files.filter(({ path }) => before.edited.some((file) => file.path === path));
    const found =
      suspects.length === 0
        ? []
        : await ports.placer.inspect(stack.name, suspects).catch((cause: unknown) => {
            // Nobody will tell it a second time.
            if (told) memory.told.add(stack.name);
            throw cause;
          });
    const edited = found.length === 0 ? [] : await tell(stack, found, before?.edited ?? [], ports);
    // The same map of the same files is told by identity, so that nobody compares them to see it.
    looks.set(stack.name, before?.key === key ? { ...before, edited } : { key, files, edited });
  }
  memory.looks = looks;
  return new Map([...looks].flatMap(([name, { edited }]) => (edited.length === 0 ? [] : [[name, edited] as const])));
}

/** The finds with what was changed in them; what is new goes to the log. */
async function tell(
  stack: DesiredStack,
  found: readonly EditedFile[],
  before: readonly EditedFile[],
  ports: InspectPorts,
): Promise<EditedFile[]> {
  const edited: EditedFile[] = [];
  let news = 0;
  let read = false;
  for (const file of found) {
    const known = before.find((item) => item.path === file.path && item.state === file.state && item.oid === file.oid);
    if (known !== undefined) {
      edited.push(known);
      continue;
    }
    news += 1;
    const diff = news > TOLD_FILES ? undefined : await describe(stack, file, ports);
    read ||= diff !== undefined;
    edited.push(diff === undefined ? file : { ...file, diff });
    if (news > TOLD_FILES) continue;
    const fields = { stack: stack.name, cause: explainEdit(file), found: file.found, expected: file.expected };
    ports.log.warn({ ...fields, ...(diff === undefined ? {} : { diff }) }, "placed file differs");
  }
  if (news > TOLD_FILES) ports.log.warn({ stack: stack.name, files: news - TOLD_FILES }, "more placed files differ");
  if (read) ports.source.release();
  return edited;
}

/** The diff is for people: without it, the file is put back all the same. */
async function describe(stack: DesiredStack, file: EditedFile, ports: InspectPorts): Promise<string | undefined> {
  const placed = stack.files.find(({ path }) => path === file.path);
  if (file.state !== "edited" || placed === undefined || isConfidential(placed)) return undefined;
  try {
    const content = await readCommitted(placed.oid, stack, ports);
    const { path, executable } = placed;
    const mask = (text: string): string => maskSecrets(text, stack.secrets ?? []);
    return await ports.placer.describeEdit(stack.name, { path, executable, content }, mask);
  } catch (cause) {
    if (toHoldfastError(cause).handling === "bug") throw cause;
    return undefined;
  }
}
