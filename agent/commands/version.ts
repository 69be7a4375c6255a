import packageJson from "../../package.json" with { type: "json" };

declare const HOLDFAST_COMMIT: string | undefined;

/** Version of this program. */
export const VERSION: string = packageJson.version;

/** One line: the version first, then what this is made from and runs on. The build puts the commit in. */
export function describeVersion(): string {
  const commit = typeof HOLDFAST_COMMIT === "string" ? `commit ${HOLDFAST_COMMIT}` : "from source";
  return `${VERSION} (${commit}, ${process.platform}-${process.arch}, Node.js ${process.versions.node})`;
}
