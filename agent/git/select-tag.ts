import type { SemVer } from "semver";
// Two functions of the package; the whole of it would be loaded for its ranges.
import compareBuild from "semver/functions/compare-build.js";
import parse from "semver/functions/parse.js";
import { matchTags } from "./match-tags.ts";

/** The short name (`v1.2.3`) with the highest version among those that match; undefined when none is a version. */
export function selectTag(pattern: string, names: readonly string[]): string | undefined {
  const matches = matchTags(pattern);
  // As everywhere in semantic versioning, who does not ask for a release candidate does not get one.
  const wantsPrereleases = /([*?]|\d\.\d).*-/.test(pattern);
  const versions = names.filter(matches).flatMap((name): { name: string; version: SemVer }[] => {
    const version = versionOf(name);
    return version === undefined || (version.prerelease.length > 0 && !wantsPrereleases) ? [] : [{ name, version }];
  });
  versions.sort((a, b) => compareBuild(b.version, a.version) || (a.name < b.name ? -1 : 1));
  return versions[0]?.name;
}

/** The version that ends a name: of `v1.2.3`, `infra-1.2.3` and `release/v1.2.3-rc.1`. */
function versionOf(name: string): SemVer | undefined {
  for (const { index } of name.matchAll(/(?<![0-9.])\d/g)) {
    const version = parse(name.slice(index));
    if (version !== null) return version;
  }
  return undefined;
}
