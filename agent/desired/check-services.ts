import { posix } from "node:path";
import type { Pointer } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { asList, asMapping, type ComposeFile, type Mapping, makeFinding } from "./compose-file.ts";

/** What the files of a stack say together about a service. */
interface Service {
  readonly name: string;
  /** The first file that declares it. */
  readonly file: ComposeFile;
  /** What each file says of it, what it extends included. */
  readonly parts: readonly Mapping[];
}

/** Checks what only all files of a stack together tell: restart policies, container names beside replicas. */
export function checkServices(files: readonly ComposeFile[], profiles: readonly string[]): Finding[] {
  const services = collectServices(files);
  const completed = new Set(services.flatMap(({ parts }) => parts.flatMap(listCompleted)));
  return services.flatMap((service) => {
    const { name, file, parts } = service;
    const at: Pointer = ["services", name];
    const findings: Finding[] = [];
    const named = parts.find((part) => part["container_name"] !== undefined);
    if (named && parts.some((part) => countReplicas(part) > 1)) {
      const pointer = [...at, "container_name"];
      findings.push(
        makeFinding(
          file.document,
          pointer,
          "a container name fits one container only; remove it, or the replicas",
          "container-name",
          "warning",
        ),
      );
    }
    const runs = isActive(parts, profiles) && !completed.has(name) && !parts.some(isOneShot);
    if (
      runs &&
      !parts.some((part) => part["restart"] !== undefined || asMapping(part["deploy"])["restart_policy"] !== undefined)
    ) {
      const message = `${name} has no restart: and stays down after a crash or a reboot; add restart: unless-stopped, or the label holdfast.one-shot: "true"`;
      findings.push({ ...makeFinding(file.document, at, message, "no-restart", "warning"), ...file.document.locateKey(at) });
    }
    return findings;
  });
}

function collectServices(files: readonly ComposeFile[]): Service[] {
  const services = new Map<string, Service>();
  for (const file of files.filter(({ role }) => role !== "extended")) {
    for (const name of Object.keys(asMapping(asMapping(file.document.value)["services"]))) {
      const parts = listParts(file, name, files, []);
      const known = services.get(name);
      services.set(name, known ? { ...known, parts: [...known.parts, ...parts] } : { name, file, parts });
    }
  }
  return [...services.values()];
}

function listParts(file: ComposeFile, name: string, files: readonly ComposeFile[], trail: readonly string[]): Mapping[] {
  const key = `${file.path}\0${name}`;
  if (trail.includes(key)) return [];
  const service = asMapping(asMapping(asMapping(file.document.value)["services"])[name]);
  const { extends: base } = service;
  const { file: from, service: other } = typeof base === "string" ? { file: undefined, service: base } : asMapping(base);
  if (typeof other !== "string") return [service];
  const path = typeof from === "string" ? posix.join(file.directory, from) : file.path;
  const target = files.find((one) => one.path === path && (from === undefined || one.role === "extended"));
  return [service, ...(target ? listParts(target, other, files, [...trail, key]) : [])];
}

function listCompleted(part: Mapping): string[] {
  const dependencies = Object.entries(asMapping(part["depends_on"]));
  return dependencies
    .filter(([, value]) => asMapping(value)["condition"] === "service_completed_successfully")
    .map(([name]) => name);
}

function isOneShot(part: Mapping): boolean {
  const { labels } = part;
  if (Array.isArray(labels)) return labels.includes("holdfast.one-shot=true");
  return String(asMapping(labels)["holdfast.one-shot"]) === "true";
}

function isActive(parts: readonly Mapping[], profiles: readonly string[]): boolean {
  const own = parts.flatMap((part) => asList(part["profiles"], []).map(([profile]) => profile));
  return own.length === 0 || own.some((profile) => profiles.includes("*") || profiles.includes(String(profile)));
}

function countReplicas(part: Mapping): number {
  return Number(asMapping(part["deploy"])["replicas"] ?? part["scale"] ?? 1);
}
