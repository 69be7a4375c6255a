import type { AlertmanagerSettings } from "../../model/desired.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import type { SensitiveFile } from "../../plan/judge-files.ts";
import type { Machine } from "../../ports/machine.ts";
import { openAlertmanager } from "../../report/open-alertmanager.ts";
import { checkFiles } from "./check-files.ts";
import { describeError } from "./describe-error.ts";

/** Whether each Alertmanager takes alerts from this host; none is sent. */
export async function checkAlerts(
  alertmanagers: readonly AlertmanagerSettings[],
  machine: Machine,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  if (alertmanagers.length === 0) return [{ area: "alerts", status: "skipped", what: "fleet.yaml names no Alertmanager" }];
  const checks = await checkFiles("alerts", alertmanagers.flatMap(listFiles), machine, signal);
  for (const settings of alertmanagers) {
    const area = "alerts";
    checks.push(
      await openAlertmanager(settings)
        .check(signal)
        .then(
          (): DoctorCheck => ({ area, status: "ok", what: `Alertmanager at ${new URL(settings.url).origin} takes alerts` }),
          (cause: unknown) => ({ area, fix: "see `alerts` in fleet.yaml, and that the server is up", ...describeError(cause) }),
        ),
    );
  }
  return checks;
}

function listFiles({ bearerTokenFile, basicAuth, caFile }: AlertmanagerSettings): SensitiveFile[] {
  const files: readonly (readonly [string, string | undefined, boolean])[] = [
    ["bearerTokenFile", bearerTokenFile, true],
    ["basicAuth.passwordFile", basicAuth?.passwordFile, true],
    ["caFile", caFile, false],
  ];
  return files.flatMap(([setting, path, isSecret]) => (path === undefined ? [] : [{ setting, path, isSecret }]));
}
