import type { Variables } from "../../model/desired.ts";
import type { Pointer } from "../../model/document.ts";
import type { Requires } from "../../model/generated/stack.ts";
import { interpolateText } from "../desire/interpolate-text.ts";

export interface InterpolatedRequires {
  readonly requires: Requires;
  /** What could not be filled in, by where it stands in the file; it is left out of `requires`. */
  readonly problems: readonly { readonly pointer: Pointer; readonly message: string }[];
}

/** The `requires` of a host or a stack with the variables in paths and addresses filled in. */
export function interpolateRequires(requires: Requires, variables: Variables): InterpolatedRequires {
  const problems: { pointer: Pointer; message: string }[] = [];
  const fill = (text: string, pointer: Pointer): string[] => {
    const result = interpolateText(text, variables);
    if ("text" in result) return [result.text];
    problems.push({ pointer, message: result.problem });
    return [];
  };
  const disk = requires.disk?.flatMap((item, index) => {
    const pointer = ["requires", "disk", index, "path"];
    return fill(item.path, pointer).flatMap((path) => {
      if (path.startsWith("/")) return [{ ...item, path: path.replace(/(?<=.)\/+$/, "") }];
      problems.push({ pointer, message: `expected an absolute path, found "${path}"` });
      return [];
    });
  });
  const addresses = requires.addresses?.flatMap((address, index) => fill(address, ["requires", "addresses", index]));
  return {
    requires: {
      ...requires,
      ...(disk === undefined ? {} : { disk }),
      ...(addresses === undefined ? {} : { addresses }),
    },
    problems,
  };
}
