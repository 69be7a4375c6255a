import type { VolumeInspectInfo } from "dockerode";
import type { ObservedVolume } from "../model/observed.ts";

/** A volume as the engine lists it, in Holdfast's words. */
export function readVolume({ Name: name, Driver: driver, Options, Labels }: VolumeInspectInfo): ObservedVolume {
  return { name, driver, options: { ...Options }, labels: { ...Labels } };
}
