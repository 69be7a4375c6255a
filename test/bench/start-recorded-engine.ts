import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { DesiredHost } from "../../agent/model/desired.ts";
import { sendSignal } from "../engine/processes.ts";
import { waitUntil } from "../engine/wait-until.ts";

/** What a real engine answers about one stack. */
export interface Recording {
  readonly stack: string;
  readonly containers: readonly Json[];
  /** By container id. */
  readonly details: ReadonlyMap<string, Json>;
  readonly networks: readonly Json[];
  readonly volumes: readonly Json[];
  readonly info: Json;
}

type Json = Readonly<Record<string, unknown>>;

/** Asks a real engine what it says of everything that it has. */
export async function record(socket: string, stack: string): Promise<Recording> {
  const ask = async (path: string): Promise<Json> => JSON.parse(await get(socket, path)) as Json;
  const containers = (await ask("/containers/json?all=1")) as unknown as Json[];
  const details = new Map<string, Json>();
  for (const { Id } of containers) details.set(String(Id), await ask(`/containers/${String(Id)}/json`));
  const networks = (await ask("/networks")) as unknown as Json[];
  const { Volumes: volumes } = await ask("/volumes");
  return { stack, containers, details, networks, volumes: volumes as Json[], info: await ask("/info") };
}

/**
 * An engine on `socket` that has every stack of `desired`, each as the recorded one with other names and ids, all of it as desired.
 * What a real engine sends is what has to be read: a thousand containers that run would not fit on every machine.
 */
export async function startRecordedEngine(socket: string, directory: string, recording: Recording, desired: DesiredHost) {
  const file = join(directory, "answers.json");
  writeFileSync(file, JSON.stringify(multiply(recording, desired)));
  const script = join(import.meta.dirname, "serve-answers.ts");
  const child = spawn("setpriv", ["--pdeathsig=KILL", process.execPath, script, socket, file], { stdio: "inherit" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await waitUntil("the recorded engine listens", async () => existsSync(socket));
  return {
    async close() {
      if (child.pid !== undefined) sendSignal(child.pid, "SIGTERM");
      await ended;
    },
  };
}

function multiply(recording: Recording, desired: DesiredHost): Record<string, string> {
  const { containers, details, networks, volumes } = recording;
  const ours = (items: readonly Json[]): string =>
    JSON.stringify(items.filter((item) => JSON.stringify(item).includes(recording.stack)));
  const others = networks.filter((item) => !JSON.stringify(item).includes(recording.stack));
  const lists: { containers: Json[]; networks: Json[]; volumes: Json[] } = { containers: [], networks: [...others], volumes: [] };
  const answers: Record<string, string> = {};
  for (const stack of desired.stacks) {
    const adapt = (text: string): string =>
      text.replace(PATTERN, (word) => (word === recording.stack ? stack.name : other(word, stack.name)));
    // 64 hexadecimal digits are an id wherever they stand, except where they name the image.
    const PATTERN = new RegExp(`${recording.stack}|(?<!sha256:)\\b[0-9a-f]{64}\\b`, "g");
    const relabel = (item: Json): string => {
      const labels = (item["Labels"] ?? (item["Config"] as Json)["Labels"]) as Readonly<Record<string, string>>;
      const service = stack.services.find(({ name }) => name === labels["com.docker.compose.service"]);
      return adapt(JSON.stringify(item).replaceAll(labels["holdfast.digest"] ?? "none", service?.digest ?? ""));
    };
    lists.containers.push(...containers.map((item) => JSON.parse(relabel(item)) as Json));
    lists.networks.push(...(JSON.parse(adapt(ours(networks))) as Json[]));
    lists.volumes.push(...(JSON.parse(adapt(ours(volumes))) as Json[]));
    for (const [id, item] of details) answers[`/containers/${other(id, stack.name)}/json`] = relabel(item);
  }
  return {
    ...answers,
    "/containers/json": JSON.stringify(lists.containers),
    "/networks": JSON.stringify(lists.networks),
    "/volumes": JSON.stringify({ Volumes: lists.volumes, Warnings: null }),
    "/images/json": "[]",
    "/info": JSON.stringify(recording.info),
  };
}

function other(id: string, stack: string): string {
  return createHash("sha256").update(`${id} ${stack}`).digest("hex");
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    })
      .on("error", reject)
      .end();
  });
}
