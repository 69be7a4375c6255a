import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { TrackedAlert } from "../../agent/model/alert.ts";
import { isHoldfastError } from "../../agent/model/error.ts";
import type { WebhookAlert, WebhookPayload } from "../../agent/model/webhook-payload.ts";
import { planNotifications } from "../../agent/plan/alerts/plan-notifications.ts";
import { openAlertmanager } from "../../agent/report/open-alertmanager.ts";
import { openWebhook } from "../../agent/report/open-webhook.ts";
import { waitUntil } from "../engine/wait-until.ts";
import { listAlertmanagers, startAlertmanager } from "../servers/alertmanager.ts";
import { createCertificate } from "../servers/certificate.ts";
import { createTemporaryDirectory } from "../servers/temporary-directory.ts";
import { receiveAlerts } from "./receive-alerts.ts";

const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;

function track(stack: string, over: Partial<TrackedAlert> = {}, summary = `${stack} drifted`): TrackedAlert {
  const labels = {
    ...{ site: 'a "home" \\ with ünïcode', alertname: "HoldfastDrift", severity: "warning", host: "box", kind: "stopped" },
    stack,
  };
  const annotations = { summary, description: "two\nlines <&>", revision: "0123", empty: "" };
  const alert = { name: "HoldfastDrift", severity: "warning", labels, annotations } as const;
  return { alert, startsAtMs: Date.now() - HOUR_MS, ...over };
}

/** What differs between two senders and from moment to moment. */
function normalize(payload: WebhookPayload): object {
  const alerts = payload.alerts.map((alert) => ({ ...alert, startsAt: Date.parse(alert.startsAt), endsAt: endOf(alert) }));
  return { ...payload, receiver: "", externalURL: "", alerts };
}

function endOf({ endsAt }: WebhookAlert): string | number {
  return endsAt.startsWith("0001") ? endsAt : Date.parse(endsAt);
}

const alertmanagers = await listAlertmanagers();

for (const [version, program] of alertmanagers) {
  describe(`what a webhook is sent, compared with Alertmanager ${version}`, () => {
    it("must be the same, field by field and in the same order: firing, part of it ended, all of it ended", async () => {
      const [theirs, ours] = [await receiveAlerts(), await receiveAlerts()];
      const alertmanager = await startAlertmanager({ program, webhookUrl: theirs.url, groupBy: ["alertname", "host"] });
      const [reporter, notifier] = [openAlertmanager({ url: alertmanager.url }), openWebhook({ url: `${ours.url}/hook?a=b` })];
      try {
        const [web, db] = [track("web"), track("db")];
        const ended = { ...web, resolvedAtMs: Date.now() - 1_000 };
        const moments: [string, readonly TrackedAlert[], (alerts: readonly WebhookAlert[]) => boolean][] = [
          ["firing", [web, db], (alerts) => alerts.length === 2],
          ["partly", [ended, db], (alerts) => alerts.some(({ status }) => status === "resolved")],
          [
            "resolved",
            [{ ...db, resolvedAtMs: Date.now() - 500 }],
            (alerts) => alerts.every(({ status }) => status === "resolved"),
          ],
        ];
        let told = {};
        let nowMs = Date.now();
        for (const [moment, tracked, isTold] of moments) {
          nowMs += HOUR_MS;
          await reporter.deliver(tracked, Date.now() + HOUR_MS, signal);
          const sent = await waitUntil(`Alertmanager tells ${moment}`, () =>
            theirs.requests.find(({ body }) => isTold((JSON.parse(body) as WebhookPayload).alerts)),
          );
          const { due } = planNotifications(tracked, told, nowMs);
          assert.equal(due.length, 1);
          const [notification] = due;
          assert.ok(notification);
          told = notification.told === undefined ? {} : { [notification.group]: notification.told };
          await notifier.notify(notification.payload, signal);
          const received = ours.requests.at(-1);
          assert.equal(received?.path, "/hook?a=b");
          assert.equal(received.headers["content-type"], sent.headers["content-type"]);
          const [mine, real] = [received.body, sent.body].map((body) => JSON.parse(body) as WebhookPayload);
          assert.ok(mine && real);
          assert.deepEqual(Object.keys(mine), Object.keys(real));
          assert.deepEqual(Object.keys(mine.alerts[0] ?? {}), Object.keys(real.alerts[0] ?? {}));
          assert.deepEqual(normalize(mine), normalize(real), moment);
          assert.deepEqual(
            mine.alerts.map((alert) => typeof endOf(alert)),
            real.alerts.map((alert) => typeof endOf(alert)),
          );
        }
      } finally {
        await Promise.all([alertmanager.stop(), theirs.stop(), ours.stop()]);
      }
    });
  });
}

describe("a webhook", () => {
  const payload = planNotifications([track("web")], {}, Date.now()).due[0]?.payload ?? assert.fail();
  const failure = async (sending: Promise<void>): Promise<{ message: string; handling: string }> => {
    const error = await sending.then(
      () => assert.fail("it was sent"),
      (cause: unknown) => cause,
    );
    assert.ok(isHoldfastError(error));
    assert.equal(error.code, "report-failed");
    return error;
  };

  it("must be given its token over a connection that its own authority vouches for", async () => {
    const certificate = await createCertificate();
    const server = await receiveAlerts(certificate);
    const tokenFile = join(createTemporaryDirectory("hf-webhook-"), "token");
    writeFileSync(tokenFile, "tok-of-the-hook\n");
    try {
      await openWebhook({ url: server.url, bearerTokenFile: tokenFile, caFile: certificate.certFile }).notify(payload, signal);
      assert.equal(server.requests.at(-1)?.headers.authorization, "Bearer tok-of-the-hook");
      const error = await failure(openWebhook({ url: server.url, bearerTokenFile: tokenFile }).notify(payload, signal));
      assert.match(error.message, /^the webhook at https:\/\/127\.0\.0\.1:\d+ cannot be reached: self-signed certificate/);
      assert.equal(server.requests.length, 1);
    } finally {
      await server.stop();
    }
  });

  it("must count any 2xx as taken, and tell anything else without the path, which may be a secret", async () => {
    const server = await receiveAlerts();
    const webhook = openWebhook({ url: `${server.url}/services/T0/very-secret` });
    try {
      for (const status of [200, 201, 202, 204]) {
        server.answer = { status };
        await webhook.notify(payload, signal);
      }
      for (const [status, handling] of [
        [301, "stalled"],
        [404, "stalled"],
        [429, "transient"],
        [503, "transient"],
      ] as const) {
        server.answer = { status, text: "no such hook" };
        const error = await failure(webhook.notify(payload, signal));
        assert.match(error.message, new RegExp(`refused alerts with ${status}: no such hook$`));
        assert.doesNotMatch(error.message, /secret/);
        assert.equal(error.handling, handling);
      }
    } finally {
      await server.stop();
    }
  });

  it("must not repeat its own address, which many servers write into their answer", async () => {
    const server = await receiveAlerts();
    const webhook = openWebhook({ url: `${server.url}/services/T0/very-secret-token?key=another-secret` });
    try {
      for (const text of [
        "Cannot POST /services/T0/very-secret-token",
        "no route for /services/T0/very-secret-token?key=another-secret",
        '{"error": "unknown hook very-secret-token"}',
        "key another-secret is wrong",
      ]) {
        server.answer = { status: 404, text };
        const { message } = await failure(webhook.notify(payload, signal));
        assert.match(message, /refused alerts with 404: .*\*\*\*/);
        assert.doesNotMatch(message, /secret/);
      }
    } finally {
      await server.stop();
    }
  });
});
