import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../bundle.ts";

/** An npm package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** SHA-512 of the package's archive, in hexadecimal digits. */
  readonly sha512: string;
  /** Below the repository, `node_modules/NAME`. */
  readonly path: string;
  readonly dependencies: readonly string[];
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The packages that the inputs of a bundle belong to, as package-lock.json knows them. Throws when it does not. */
export async function listPackages(inputs: readonly string[]): Promise<BundledPackage[]> {
  const text = await readFile(join(ROOT, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockEntry>> };
  const paths = new Set(inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  return [...paths].sort().map((path) => {
    const { version, license, integrity, dependencies = {} } = packages[path] ?? {};
    if (version === undefined || license === undefined || !integrity?.startsWith("sha512-")) {
      throw new Error(`${path} is in the bundle, and package-lock.json does not say its version, license and SHA-512`);
    }
    return {
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      license,
      sha512: Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex"),
      path,
      dependencies: Object.keys(dependencies),
    };
  });
}

/** The licences of everything that a release contains, which each of them asks to be passed on. */
export async function collectLicenses(packages: readonly BundledPackage[], runtimeLicense: string): Promise<string> {
  const own = await readFile(join(ROOT, "LICENSE"), "utf8");
  const parts = [`Holdfast\n\n${own}`];
  for (const { name, version, license, path } of packages) {
    const texts = await readLicenses(join(ROOT, path));
    parts.push(`${name} ${version}: ${license}\n\n${texts === "" ? `(its package holds no text of ${license})\n` : texts}`);
  }
  parts.push(`Node.js\n\n${await readFile(runtimeLicense, "utf8")}`);
  return parts.join(`\n${"=".repeat(80)}\n\n`);
}

async function readLicenses(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return texts.join("\n");
}
