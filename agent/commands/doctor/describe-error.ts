import { toHoldfastError } from "../../model/error.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";

/** What went wrong as a check that failed, its hint as what to do. */
export function describeError(cause: unknown): Omit<DoctorCheck, "area"> {
  const { message, hint } = toHoldfastError(cause);
  return { status: "error", what: message, ...(hint === undefined ? {} : { fix: hint }) };
}
