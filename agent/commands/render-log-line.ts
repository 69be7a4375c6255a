/** Longer ids of commits say no more to people. */
const REVISION_SHOWN = 12;
const REVISION = /^[0-9a-f]{40}$/;

/** A line of the log as people read it: what happened, to what, and below it whatever takes lines of its own. */
export function renderLogLine(time: string, level: string, fields: object, message: string): string {
  const { stack, ...others } = fields as Readonly<Record<string, unknown>>;
  const known = Object.entries(others).filter(([, value]) => value !== undefined && !isEmpty(value));
  const [long, short] = [known.filter(([, value]) => isLong(value)), known.filter(([, value]) => !isLong(value))];
  const head = [
    time,
    ...(level === "info" ? [] : [`${level}:`]),
    ...(typeof stack === "string" ? [`${stack}:`] : []),
    message,
    ...short.map(([key, value]) => `${key}=${renderValue(value)}`),
  ].join(" ");
  const below = long.flatMap(([key, value]) =>
    (Array.isArray(value) ? value.map(String) : [String(value)]).flatMap((text) =>
      text.split("\n").map((line, index) => `${" ".repeat(time.length + 1)}${index === 0 ? `${key}: ` : "  "}${line}`),
    ),
  );
  return `${[head, ...below].join("\n")}\n`;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Lists, and texts that are sentences. */
function isLong(value: unknown): boolean {
  return (
    Array.isArray(value) || (typeof value === "string" && (value.includes("\n") || value.length > 60) && !REVISION.test(value))
  );
}

function renderValue(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  if (REVISION.test(value)) return value.slice(0, REVISION_SHOWN);
  return value.includes(" ") ? JSON.stringify(value) : value;
}
