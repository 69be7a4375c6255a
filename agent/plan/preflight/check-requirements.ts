import type { HostFound, HostNeeds, PreflightFinding } from "../../model/preflight.ts";
import { asObject, asString } from "../desire/json.ts";
import { checkBinds } from "./check-binds.ts";
import { checkGpus } from "./check-gpus.ts";
import { checkNames } from "./check-names.ts";
import { checkPorts } from "./check-ports.ts";
import { checkRequires, type InRange } from "./check-requires.ts";

/**
 * Everything about a host that is in the way of converging its stacks, all of it at once: those that concern the whole host first.
 * What could not be found out is in nobody's way.
 */
export function checkRequirements(needs: HostNeeds, found: HostFound, inRange: InRange): PreflightFinding[] {
  const ofHost = [
    ...checkPlatform(needs, found),
    ...(needs.requires === undefined ? [] : checkRequires(needs.requires, found, inRange)),
  ];
  const ofStacks = [
    ...needs.stacks.flatMap(({ name, requires }) =>
      requires === undefined ? [] : checkRequires(requires, found, inRange, name),
    ),
    ...checkPorts(needs, found),
    ...checkNames(needs, found),
    ...checkBinds(needs, found),
    ...checkGpus(needs, found),
    ...checkImages(needs, found),
  ];
  // What the host lacks for all it also lacks for one: it is told once.
  const known = new Set(ofHost.map(identify));
  const rest = ofStacks.filter((finding) => !known.has(identify(finding)));
  const order = needs.stacks.map(({ name }) => name);
  return [...ofHost, ...rest.sort((a, b) => order.indexOf(a.stack ?? "") - order.indexOf(b.stack ?? ""))];
}

function checkPlatform({ platform }: HostNeeds, { engine }: HostFound): PreflightFinding[] {
  if (platform === undefined || engine === undefined || engine.platform === platform) return [];
  const fix = "correct `platform` in this host's file, or `host` in agent.yaml";
  return [{ kind: "platform", what: "platform", expected: platform, actual: engine.platform, fix, severity: "error" }];
}

/** Images that were made for another kind of machine; an emulator may run them all the same. */
function checkImages({ stacks }: HostNeeds, { engine, imagePlatforms }: HostFound): PreflightFinding[] {
  if (engine === undefined) return [];
  return stacks.flatMap(({ name, model }) =>
    Object.entries(asObject(model["services"])).flatMap(([service, value]): PreflightFinding[] => {
      const definition = asObject(value);
      const image = asString(definition["image"]) ?? "";
      const actual = imagePlatforms[image];
      const expected = asString(definition["platform"]) ?? engine.platform;
      if (actual === undefined || isSameMachine(actual, expected)) return [];
      const fix = `\`docker image rm ${image}\` and pull it again, or name an image for ${expected}`;
      return [{ kind: "image", what: `image ${image} of ${service}`, expected, actual, fix, stack: name, severity: "warning" }];
    }),
  );
}

// `linux/arm64/v8` is `linux/arm64`.
function isSameMachine(a: string, b: string): boolean {
  const [first, second] = [a, b].map((platform) => platform.split("/").slice(0, 2).join("/"));
  return first === second;
}

function identify({ what, expected, actual }: PreflightFinding): string {
  return [what, expected, actual].join("\n");
}
