import { asMapping } from "./compose-file.ts";

export interface Bind {
  /** As the Compose file has it. */
  readonly source: string;
  readonly readOnly: boolean;
}

/** A `volumes` entry of a service as a bind mount of a path; undefined for named volumes and everything else. */
export function readBind(entry: unknown): Bind | undefined {
  if (typeof entry !== "string") {
    const { type, source, read_only: readOnly } = asMapping(entry);
    return type === "bind" && typeof source === "string" ? { source, readOnly: readOnly === true } : undefined;
  }
  const [source = "", target, options = ""] = splitOutsideBraces(entry);
  if (target === undefined || !/^[./~]/.test(source)) return undefined;
  return { source, readOnly: options.split(",").includes("ro") };
}

// The colon of `${DATA:-./data}` separates nothing.
function splitOutsideBraces(text: string): string[] {
  const parts = [""];
  let open = 0;
  for (const char of text) {
    if (char === "{") open++;
    if (char === "}") open--;
    if (char === ":" && open <= 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts;
}
