import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../bundle.ts";

const UNITS = ["holdfast.service", "holdfast.timer", "holdfast-timer.conf", "upgrade.sh"];
const BEGIN = "# units: begin\n";
const END = "# units: end\n";

/** install.sh with the systemd units in it, so that it and an executable are all that a host needs. */
export async function embedUnits(): Promise<string> {
  const script = await readFile(join(ROOT, "install/install.sh"), "utf8");
  const texts = await Promise.all(UNITS.map((name) => readFile(join(ROOT, "systemd", name), "utf8")));
  const cases = UNITS.map((name, index) => `    ${name})\n      cat <<'UNIT_TEXT'\n${texts[index]}UNIT_TEXT\n      ;;\n`);
  const begin = script.indexOf(BEGIN);
  const end = script.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("install/install.sh does not say where its units belong");
  return `${script.slice(0, begin)}unit_text() {\n  case $1 in\n${cases.join("")}  esac\n}\n${script.slice(end + END.length)}`;
}
