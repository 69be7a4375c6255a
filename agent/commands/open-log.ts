import { pino } from "pino";
import type { Log } from "../ports.ts";
import type { Configuration } from "./read-configuration.ts";

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
    const time = new Date().toTimeString().slice(0, 8);
    const details = Object.entries(fields).filter(([, value]) => value !== undefined);
    const text = details.map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`).join(" ");
    process.stderr.write(`${time} ${name === "info" ? "" : `${name}: `}${message}${text === "" ? "" : `  ${text}`}\n`);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
