// Generated from schemas/ by `npm run generate`; do not edit.

/**
 * What `holdfast doctor --output json` tells: everything that was checked of this host and its configuration.
 */
export interface Doctor {
  /**
   * Name of the host; absent when the configuration cannot be read.
   */
  host?: string;
  /**
   * Version of the program.
   */
  version: string;
  /**
   * The commit whose desired state was checked.
   */
  revision?: string;
  /**
   * Nothing is an error.
   */
  ok: boolean;
  /**
   * Everything that was checked, in the order in which things depend on each other.
   */
  checks: DoctorCheck[];
}
/**
 * One thing that was checked.
 */
export interface DoctorCheck {
  /**
   * What it is about.
   */
  area: "configuration" | "directories" | "secrets" | "engine" | "repository" | "desired state" | "requirements" | "alerts";
  /**
   * `error`: the agent cannot do its work, or not all of it; `warning`: it can, but somebody should look; `skipped`: it could not be checked.
   */
  status: "ok" | "warning" | "error" | "skipped";
  /**
   * What was checked and what was found, in one line.
   */
  what: string;
  /**
   * What a requirement asks for.
   */
  expected?: string;
  /**
   * What there is instead.
   */
  actual?: string;
  /**
   * What to do about it: one sentence, or a command.
   */
  fix?: string;
  /**
   * The stack that it keeps from converging.
   */
  stack?: string;
}
