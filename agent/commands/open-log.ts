import { pino } from "pino";
import type { Log } from "../ports.ts";
import type { Configuration } from "./read-configuration.ts";
import { renderLogLine } from "./render-log-line.ts";

/** JSON lines for the journal; readable lines on a terminal. Written at once, so that nothing is lost in a crash. */
export function openLog(level: Configuration["logLevel"], readable: boolean): Log {
  if (readable) return openReadableLog(level);
  return pino(
    { level, base: null, formatters: { level: (label) => ({ level: label }) }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

function openReadableLog(level: Configuration["logLevel"]): Log {
  const levels = ["debug", "info", "warn", "error"] as const;
  const write = (name: (typeof levels)[number]) => (fields: object, message: string) => {
    if (levels.indexOf(name) < levels.indexOf(level)) return;
    // Text of a container or a server may hold what moves the cursor or changes the title.
    process.stderr.write(printable(renderLogLine(new Date().toTimeString().slice(0, 8), name, fields, message)));
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (character) =>
    character === "\t" ? " " : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
