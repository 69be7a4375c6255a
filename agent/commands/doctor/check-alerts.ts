import type { ReceiverSettings } from "../../model/desired.ts";
import type { DoctorCheck } from "../../model/generated/doctor.ts";
import type { SensitiveFile } from "../../plan/drift/judge-files.ts";
import type { Machine } from "../../ports/machine.ts";
import { openAlertmanager } from "../../report/open-alertmanager.ts";
import { checkFiles } from "./check-files.ts";
import { describeError } from "./describe-error.ts";

/** Who is told of alerts. */
export interface AlertReceivers {
  readonly alertmanagers: readonly ReceiverSettings[];
  readonly webhooks: readonly ReceiverSettings[];
}

/** Whether each Alertmanager takes alerts from this host; none is sent, and so a webhook is not asked. */
export async function checkAlerts(
  { alertmanagers, webhooks }: AlertReceivers,
  machine: Machine,
  signal: AbortSignal,
): Promise<DoctorCheck[]> {
  const all = [...alertmanagers, ...webhooks];
  if (all.length === 0) return [{ area: "alerts", status: "skipped", what: "fleet.yaml names nobody to tell of alerts" }];
  const checks = await checkFiles("alerts", all.flatMap(listFiles), machine, signal);
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
  for (const { url } of webhooks) {
    const what = `the webhook at ${URL.canParse(url) ? new URL(url).origin : "an address that cannot be"} is not tried: it would be told something`;
    checks.push({ area: "alerts", status: "skipped", what });
  }
  return checks;
}

function listFiles({ bearerTokenFile, basicAuth, caFile }: ReceiverSettings): SensitiveFile[] {
  const files: readonly (readonly [string, string | undefined, boolean])[] = [
    ["bearerTokenFile", bearerTokenFile, true],
    ["basicAuth.passwordFile", basicAuth?.passwordFile, true],
    ["caFile", caFile, false],
  ];
  return files.flatMap(([setting, path, isSecret]) => (path === undefined ? [] : [{ setting, path, isSecret }]));
}
