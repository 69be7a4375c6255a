// One function of the package, and what that needs; the whole of it is twice as much.
import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";

/**
 * Whether a version lies in a range (`>=20.10`, `^2.26`, `>=2.26 <3 || 5.x`). Undefined when one of the two cannot be read. What a
 * distribution or a build adds to the version (`26.1.5+dfsg1`, `2.26.1-4`, `29.0.0-rc.1`) is left out.
 */
export function isInRange(version: string, range: string): boolean | undefined {
  const core = /\d+\.\d+(?:\.\d+)?/.exec(version)?.[0];
  if (core === undefined || validRange(range) === null) return undefined;
  return satisfies(core.split(".").length === 2 ? `${core}.0` : core, range);
}
