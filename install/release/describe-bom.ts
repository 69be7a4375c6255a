import { createHash } from "node:crypto";
import type { BundledPackage } from "./list-packages.ts";
import { NODE_VERSION, type Platform } from "./targets.ts";

export interface BomRequest {
  readonly version: string;
  readonly commit: string;
  /** When the commit was made, ISO 8601. */
  readonly date: string;
  readonly packages: readonly BundledPackage[];
  /** SHA-256 of the Node.js that each platform's executable stands on. */
  readonly runtimes: ReadonlyMap<Platform, string>;
  /** `process.versions` of that Node.js: what it is made of itself. */
  readonly nodeParts: Readonly<Record<string, string | undefined>>;
}

/** The bill of materials of a release, CycloneDX 1.6. The same release gives the same text. */
export function describeBom(request: BomRequest): string {
  const { version, commit, date, packages, runtimes, nodeParts } = request;
  const own = `pkg:generic/holdfast@${version}`;
  const node = `pkg:generic/node@${NODE_VERSION}`;
  const parts = Object.entries(nodeParts)
    .filter(([name, part]) => part !== undefined && name !== "node" && name !== "modules" && name !== "napi")
    .map(([name, part]) => ({
      ...{ type: "library", "bom-ref": `${node}#${name}`, name, version: part },
      purl: `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(part ?? "")}`,
    }));
  const bom = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${describeUuid(`${version} ${commit} ${[...runtimes.values()].join(" ")}`)}`,
    version: 1,
    metadata: {
      timestamp: date,
      component: {
        ...{ type: "application", "bom-ref": own, name: "holdfast", version, purl: own },
        properties: [{ name: "holdfast:commit", value: commit }],
        licenses: [{ expression: "MIT" }],
      },
    },
    components: [
      {
        ...{ type: "platform", "bom-ref": node, name: "node", version: NODE_VERSION, purl: node },
        properties: [...runtimes].map(([platform, sha256]) => ({ name: `holdfast:sha256:${platform}`, value: sha256 })),
        components: parts,
      },
      ...packages.map((one) => ({
        ...{ type: "library", "bom-ref": refOf(one), name: one.name, version: one.version, purl: refOf(one) },
        hashes: [{ alg: "SHA-512", content: one.sha512 }],
        licenses: [{ expression: one.license.replace(/^\((.*)\)$/, "$1") }],
      })),
    ],
    dependencies: [
      { ref: own, dependsOn: [node, ...packages.map(refOf)].sort() },
      ...packages.map((one) => ({
        ref: refOf(one),
        dependsOn: packages.filter(({ name }) => one.dependencies.includes(name)).map(refOf),
      })),
    ],
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

/** A package URL; the @ of a scope is escaped in one. */
function refOf({ name, version }: BundledPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** A UUID that is made from a text (version 8 of RFC 9562). */
function describeUuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
