import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { DesiredStack, JsonObject } from "../../../agent/model/desired.ts";
import type { Review } from "../../../agent/model/generated/review.ts";
import { renderReviewMarkdown } from "../../../agent/plan/review/render-review-markdown.ts";
import { buildReview, type Change, renderStack, type StackText } from "./build-review.ts";

const DIRECTORY = join(import.meta.dirname, "golden");

const CHECK = { test: ["CMD", "true"], interval: "10s", start_period: "30s" };
const WEB: JsonObject = {
  image: "nginx:1.26",
  environment: { DB_HOST: "db", API_TOKEN: "s3cret-of-before" },
  ports: [{ mode: "ingress", host_ip: "10.0.0.1", target: 80, published: "80", protocol: "tcp" }],
  volumes: [{ type: "bind", source: "./conf", target: "/etc/nginx/conf.d", read_only: true }],
  healthcheck: CHECK,
  restart: "unless-stopped",
};
const DB: JsonObject = {
  image: "mariadb:10.11",
  stop_grace_period: "1m0s",
  volumes: [{ type: "volume", source: "data", target: "/var/lib/mysql" }],
  restart: "unless-stopped",
};
const API: JsonObject = {
  image: "api@sha256:1111",
  depends_on: { db: { condition: "service_started", restart: true, required: true } },
  restart: "always",
};
const SHOP: StackText = {
  services: { web: WEB, db: DB, api: API },
  volumes: { data: { name: "shop_data" } },
  files: { "conf/nginx.conf": "one" },
};
const OTHER = renderStack("other", { services: { one: { image: "one:1" } } });
const shop = (services: JsonObject, rest: Partial<StackText> = {}) =>
  renderStack("shop", { ...SHOP, services: { ...SHOP.services, ...services }, ...rest });
const before = [shop({}), OTHER];

/** The stack with a file that a service is told of by a signal. */
function signalled(key: string): DesiredStack {
  const stack = shop({});
  const onChange = { "conf/nginx.conf": { action: "signal", signal: "HUP", key } } as const;
  const services = stack.services.map((service) => (service.name === "web" ? { ...service, files: {}, onChange } : service));
  return { ...stack, services, inputs: key };
}

/** A stack that uses a variable of the fleet. */
const located = (domain: string): DesiredStack =>
  renderStack("proxy", {
    services: { caddy: { image: "caddy:2@sha256:3333", environment: { DOMAIN: domain }, restart: "always" } },
  });

/** A service with a value of a SOPS file, which a review sees as it is committed. */
const encrypted = (data: string): JsonObject => ({
  ...WEB,
  environment: { DB_HOST: "db", GREETING: `ENC[AES256_GCM,data:${data},iv:aaaa,tag:bbbb,type:str]` },
});

const POLICY = {
  rule: "privileged",
  message: "web is privileged: it can do everything on the host; name what it needs with cap_add and devices",
};

const finding = {
  path: "desired-state/stacks/shop/compose.yaml",
  line: 3,
  column: 12,
  rule: "a-rule",
  stack: "shop",
  isNew: true,
};

/** By the name of their golden file. */
const CHANGES: Readonly<Record<string, Change>> = {
  nothing: { before, after: before },
  "image-and-environment": {
    before,
    after: [shop({ web: { ...WEB, image: "nginx:1.27", environment: { DB_HOST: "db2", API_TOKEN: "s3cret-of-after" } } }), OTHER],
  },
  "mounted-file": { before, after: [shop({}, { files: { "conf/nginx.conf": "two" } }), OTHER] },
  "file-with-a-signal": { before: [signalled("one"), OTHER], after: [signalled("two"), OTHER] },
  "file-that-nobody-mounts": { before, after: [shop({}, { files: { "conf/nginx.conf": "one", "README.md": "x" } }), OTHER] },
  "database-and-what-restarts-with-it": { before, after: [shop({ db: { ...DB, image: "mariadb:11.4" } }), OTHER] },
  "service-added-and-removed": {
    before,
    after: [
      renderStack("shop", { ...SHOP, services: { web: WEB, db: DB, cache: { image: "redis", restart: "always" } } }),
      OTHER,
    ],
  },
  ports: {
    before,
    after: [shop({ web: { ...WEB, ports: [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }] } }), OTHER],
  },
  volumes: {
    before,
    after: [
      shop(
        { db: { ...DB, volumes: [{ type: "bind", source: "/srv/db", target: "/var/lib/mysql" }] } },
        { volumes: { data: { name: "shop_data", driver: "nfs" } } },
      ),
      OTHER,
    ],
  },
  scaled: { before, after: [shop({ api: { ...API, deploy: { replicas: 3 } } }), OTHER] },
  "stack-added": { before: [OTHER], after: [OTHER, shop({})] },
  "stack-removed": {
    before: [...before, renderStack("third", { services: { t: { image: "t:1" } } })],
    after: [OTHER, renderStack("third", { services: { t: { image: "t:1" } } })],
  },
  "removal-held": { before, after: [], head: { maxRemovals: "50%" } },
  "removal-confirmed": { before, after: [], sides: { confirmed: ["shop", "other"] } },
  settings: { before, after: [{ ...shop({}), inputs: "new", verifyTimeoutMs: 60_000, dependsOn: ["other"] }, OTHER] },
  hooks: {
    before,
    after: [
      {
        ...shop({ web: { ...WEB, image: "nginx:1.27" } }),
        hooks: [
          { phase: "preConverge", index: 0, service: "db", command: ["dump", "--password=s3cret-option"], timeoutMs: 1000 },
          { phase: "postConverge", index: 0, service: "web", command: ["warm"], timeoutMs: 1000 },
        ],
      },
      OTHER,
    ],
  },
  "invalid-stack": {
    before,
    after: before,
    head: {
      invalid: ["shop"],
      findings: [{ ...finding, message: "x", severity: "error" }],
    },
    findings: [
      { ...finding, message: 'unknown key "imgae"; did you mean "image"?', severity: "error" },
      { ...finding, line: 9, message: "a warning about <b>@everyone</b> *here*", severity: "warning" },
      { ...finding, line: 10, message: "known before", severity: "warning", isNew: false },
    ],
  },
  "revision-rejected": { before, after: [], head: { rejected: "the fleet's or this host's file is invalid" } },
  "host-files": {
    before,
    after: before,
    sides: { hostFiles: new Map([["shop", { before: ["a.env"], after: ["b.env"] }]]) },
  },
  "new-host": { before: [], after: [OTHER], base: null },
  "host-leaves": { before, after: [], head: { leaves: true } },
  "stack-renamed": { before, after: [renderStack("store", { ...SHOP, volumes: { data: { name: "store_data" } } }), OTHER] },
  "service-renamed": {
    before,
    after: [renderStack("shop", { ...SHOP, services: { frontend: WEB, db: DB, api: API } }), OTHER],
  },
  "fleet-variable": {
    before: [shop({}), located("lab.example")],
    after: [
      shop({ web: { ...WEB, environment: { DB_HOST: "db", API_TOKEN: "s3cret-of-before", SITE: "shop.lan.example" } } }),
      located("lan.example"),
    ],
  },
  "encrypted-value": {
    before: [shop({ web: encrypted("Zm9vYmFyYmF6Zm9v") }), OTHER],
    after: [shop({ web: encrypted("cXV1eGNvcmdlZ3JhdWx0") }), OTHER],
  },
  "image-not-pinned": {
    before: [renderStack("pinned", { services: { web: { image: "nginx:1.27@sha256:2222", restart: "always" } } })],
    after: [renderStack("pinned", { services: { web: { image: "nginx", restart: "always" } } })],
    findings: [
      {
        ...{ path: "desired-state/stacks/pinned/compose.yaml", line: 3, column: 12, stack: "pinned", isNew: true },
        ...{
          rule: "image-latest-tag",
          severity: "warning",
          message: "nginx is whatever is the latest when it is pulled; name a version",
        },
      },
    ],
  },
  "policy-warns": {
    before,
    after: [shop({ web: { ...WEB, privileged: true } }), OTHER],
    findings: [{ ...finding, ...POLICY, severity: "warning" }],
  },
  "policy-enforces": {
    before,
    after: before,
    head: { invalid: ["shop"], findings: [{ ...finding, ...POLICY, severity: "error" }] },
    findings: [{ ...finding, ...POLICY, severity: "error" }],
  },
  "host-suspended": { before, after: [shop({ web: { ...WEB, image: "nginx:1.27" } }), OTHER], head: { suspended: true } },
  "hostile-names": {
    before,
    after: [
      shop({
        web: {
          ...WEB,
          environment: { DB_HOST: "db", "`</summary>@everyone": "```\n</details> x", API_TOKEN: "s3cret-of-before" },
        },
      }),
      OTHER,
    ],
  },
};

describe("the review of many hosts as a comment", () => {
  const one = buildReview(CHANGES["image-and-environment"] as Change);
  const none = buildReview(CHANGES["nothing"] as Change);
  const on = (hosts: readonly string[], review: typeof one) =>
    hosts.flatMap((host) => review.hosts.map((item) => ({ ...item, host })));
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(2, "0")}`);
  const ports = buildReview(CHANGES["ports"] as Change);
  const reviews = {
    "many-hosts": [...on(["box"], ports), ...on(names("edge", 14), one), ...on(["pi-a", "pi-b", "pi-c"], none)],
    "two-hosts": [...on(["pi-a", "pi-b"], one)],
  };
  for (const [name, hosts] of Object.entries(reviews)) compare(name, { ...one, hosts });
});

describe("the review as a comment", () => {
  for (const [name, change] of Object.entries(CHANGES)) {
    compare(name, buildReview(change));
  }
});

function compare(name: string, review: Review): void {
  test(`must tell of ${name} as in golden/${name}.md`, () => {
    const text = renderReviewMarkdown(review);
    const file = join(DIRECTORY, `${name}.md`);
    if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"));
    assert.doesNotMatch(text, /s3cret|Zm9v|cXV1/);
    assert.ok(text.split("\n").length > 3);
  });
}
