import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeProbe, type Probe } from "../../../agent/model/probe.ts";
import { interpolateProbes, type ProbesRequest } from "../../../agent/plan/health/interpolate-probes.ts";

type Written = ProbesRequest["probes"][number];

const read = (...probes: Written[]) =>
  interpolateProbes({ probes, variables: { IP: "10.0.0.1", DOMAIN: "lan.example" }, services: ["web", "db"] });

describe("the probes of a stack", () => {
  const RIGHT: readonly (readonly [Written, Probe, string])[] = [
    [
      { http: { url: "http://${IP}:81/", status: 204, contains: "ok" } },
      { kind: "http", target: { url: "http://10.0.0.1:81/" }, status: 204, contains: "ok", timeoutMs: 5000 },
      "http http://10.0.0.1:81/",
    ],
    [
      { http: { url: "https://me:secret@${IP}/a@b", timeout: "1m" } },
      { kind: "http", target: { url: "https://me:secret@10.0.0.1/a@b" }, timeoutMs: 60_000 },
      "http https://10.0.0.1/a@b",
    ],
    [
      { http: { service: "web", port: 8080 } },
      { kind: "http", target: { service: "web", port: 8080, path: "/" }, timeoutMs: 5000 },
      "http web:8080/",
    ],
    [{ tcp: { address: "${IP}:443" } }, { kind: "tcp", host: "10.0.0.1", port: 443, timeoutMs: 5000 }, "tcp 10.0.0.1:443"],
    [
      { tcp: { address: "[::1]:443", timeout: "250ms" } },
      { kind: "tcp", host: "::1", port: 443, timeoutMs: 250 },
      "tcp [::1]:443",
    ],
    [
      { dns: { server: "${IP}", name: "www.${DOMAIN}" } },
      { kind: "dns", server: "10.0.0.1", port: 53, name: "www.lan.example", type: "A", timeoutMs: 5000 },
      "dns www.lan.example A at 10.0.0.1",
    ],
    [
      { dns: { server: "${IP}:5353", name: "lan", type: "TXT" } },
      { kind: "dns", server: "10.0.0.1", port: 5353, name: "lan", type: "TXT", timeoutMs: 5000 },
      "dns lan TXT at 10.0.0.1:5353",
    ],
    [
      { exec: { service: "db", command: ["sh", "-c", "test $HOME"] } },
      { kind: "exec", service: "db", command: ["sh", "-c", "test $HOME"], timeoutMs: 5000 },
      "exec db: sh -c test $HOME",
    ],
  ];
  for (const [written, probe, text] of RIGHT)
    test(`${JSON.stringify(written)} must be read`, () => {
      assert.deepEqual(read(written), { probes: [probe], problems: [] });
      assert.equal(describeProbe(probe), text);
    });

  const WRONG: readonly (readonly [Written, string, string])[] = [
    [{ http: {} }, "http", "expected url, or service and port"],
    [{ http: { service: "web" } }, "http.service", "port is missing: name the port of the container"],
    [{ http: { service: "wbe", port: 80 } }, "http.service", 'there is no service "wbe" (services: db, web)'],
    [{ http: { url: "${NONE}/x" } }, "http.url", "${NONE} has no value; define NONE under vars"],
    [{ http: { url: "$IP:80" } }, "http.url", 'expected an http:// or https:// URL, found "10.0.0.1:80"'],
    [{ http: { url: "http://$IP", port: 80 } }, "http.port", "port belongs to service; with url, write it there"],
    [{ tcp: { address: "$IP" } }, "tcp.address", 'expected a host and a port such as 127.0.0.1:443, found "10.0.0.1"'],
    [
      { dns: { server: "http://x", name: "lan" } },
      "dns.server",
      'expected an address such as 127.0.0.1 or [::1]:5353, found "http://x"',
    ],
    [{ exec: { service: "job", command: ["true"] } }, "exec.service", 'there is no service "job" (services: db, web)'],
  ];
  for (const [written, pointer, message] of WRONG)
    test(`${JSON.stringify(written)} must be refused at its place`, () => {
      const { probes, problems } = read({ tcp: { address: "a:1" } }, written);
      assert.deepEqual(
        problems.map((problem) => [problem.pointer.join("."), problem.message]),
        [[`verify.probes.1.${pointer}`, message]],
      );
      assert.equal(probes.length, 1, "the others are kept");
    });
});
