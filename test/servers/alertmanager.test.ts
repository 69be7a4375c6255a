import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { waitUntil } from "../engine/wait-until.ts";
import { startAlertmanager } from "./alertmanager.ts";

test("an alert must be held, sent to the webhook, and be gone once it has ended", async () => {
  const payloads: { alerts: { status: string }[] }[] = [];
  const receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    payloads.push(JSON.parse(body));
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const alertmanager = await startAlertmanager({ webhookUrl });
  const post = async (endsAt: number) => {
    const alert = {
      labels: { alertname: "HoldfastDrift", host: "gpu-box" },
      annotations: {},
      endsAt: new Date(endsAt).toISOString(),
    };
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${alertmanager.url}/api/v2/alerts`, { method: "POST", headers, body: JSON.stringify([alert]) });
    assert.equal(response.status, 200);
  };
  try {
    assert.deepEqual(await alertmanager.alerts(), []);
    await post(Date.now() + 60_000);
    const [alert] = await waitUntil("the alert is listed", async () => {
      const alerts = await alertmanager.alerts();
      return alerts.length > 0 && alerts;
    });
    assert.equal(alert?.labels["host"], "gpu-box");
    await waitUntil("the webhook has it", () =>
      payloads.some((payload) => payload.alerts.some(({ status }) => status === "firing")),
    );
    await post(Date.now());
    await waitUntil("the alert is gone", async () => (await alertmanager.alerts()).length === 0);
  } finally {
    await alertmanager.stop();
    receiver.close();
  }
  await assert.rejects(alertmanager.alerts());
});
