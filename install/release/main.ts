/**
 * `npm run release`: one self-contained executable per platform in dist/, with checksums, a bill of materials and licences.
 * `--platform linux-x64` makes only that one, `--runtime linux-x64=PATH,SHA256` stands it on another Node.js of the same version,
 * an official one for example, `--commit ID,DATE` says what this is where there is no Git, and `--no-measure` leaves out the table.
 */
import { parseArgs } from "node:util";
import { makeRelease } from "./make-release.ts";
import { measureRelease } from "./measure-release.ts";
import { DIST, TARGETS } from "./targets.ts";

const { values } = parseArgs({
  options: {
    platform: { type: "string", multiple: true },
    runtime: { type: "string", multiple: true, default: [] },
    commit: { type: "string" },
    "no-measure": { type: "boolean", default: false },
    output: { type: "string", default: DIST },
  },
});

const targets = (values.platform ?? TARGETS.map(({ platform }) => platform)).map((name) => {
  const target = TARGETS.find(({ platform }) => platform === name);
  if (target === undefined) throw new Error(`there is no ${name}: ${TARGETS.map(({ platform }) => platform).join(", ")}`);
  return target;
});
const runtimes = new Map(
  values.runtime.map((text) => {
    const [, name, path, sha256] = /^([^=]+)=(.+),([0-9a-f]{64})$/.exec(text) ?? [];
    if (name === undefined || path === undefined || sha256 === undefined) {
      throw new Error(`--runtime ${text}: write PLATFORM=PATH,SHA256`);
    }
    return [name, { path, sha256 }];
  }),
);
const [commit, date] = values.commit?.split(",") ?? [];
const source = commit === undefined || date === undefined ? {} : { source: { commit, date } };
const made = await makeRelease({ targets, runtimes, output: values.output, ...source });
for (const { file, sha256 } of made) console.log(`${sha256}  ${file}`);
if (!values["no-measure"]) console.log(`\n${await measureRelease(values.output, targets)}`);
