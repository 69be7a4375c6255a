import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertPlanned } from "./assert-planned.ts";
import { readExample } from "./read-example.ts";
import { type Host, startHost } from "./start-host.ts";

/** File below `desired-state/`, what stands in it, what it is replaced with. */
type Edit = readonly [string, string, string];

interface Example {
  readonly host: string;
  readonly address: string;
  readonly image: string;
  /** The image of a later version, which is the same one here. */
  readonly next: string;
  readonly hostEnv?: Readonly<Record<string, string>>;
  /** What is pushed one after the other, and what happens to whom. */
  readonly edits: readonly (readonly [string, Edit, Readonly<Record<string, string>>])[];
}

const EXAMPLES: readonly Example[] = [
  {
    ...{ host: "pi-lb", address: "192.168.254.121", image: "nginx:1.28.0-alpine", next: "nginx:1.29.3-alpine" },
    edits: [
      ["an image", ["stacks/pi-lb/compose.yaml", "nginx:1.28.0-alpine", "nginx:1.29.3-alpine"], { "pi-lb/nginx": "recreate" }],
      [
        "an address of another host",
        ["fleet.yaml", "PI_WEB2_IP: 192.168.254.123", "PI_WEB2_IP: 192.168.254.133"],
        { "pi-lb/nginx": "recreate" },
      ],
      ["a limit", ["stacks/pi-lb/compose.yaml", "mem_limit: 128m", "mem_limit: 192m"], { "pi-lb/nginx": "recreate" }],
      ["the database's address", ["fleet.yaml", "PI_DB_IP: 192.168.254.124", "PI_DB_IP: 192.168.254.134"], {}],
    ],
  },
  {
    ...{ host: "pi-web1", address: "192.168.254.122", image: "node:24.21.0-alpine", next: "node:24.22.0-alpine" },
    edits: [
      [
        "a variable of the fleet",
        ["fleet.yaml", "PI_DB_IP: 192.168.254.124", "PI_DB_IP: 192.168.254.134"],
        { "pi-web/api": "recreate" },
      ],
      ["an image", ["stacks/pi-web/compose.yaml", "node:24.21.0-alpine", "node:24.22.0-alpine"], { "pi-web/api": "recreate" }],
      [
        "a setting that makes no container another",
        ["stacks/pi-web/stack.yaml", "compose:\n", "verify: {timeout: 2m}\ncompose:\n"],
        {},
      ],
    ],
  },
  {
    ...{ host: "pi-db", address: "192.168.254.124", image: "mariadb:10.11.18", next: "mariadb:11.8.5" },
    hostEnv: { "pi-db.env": "MARIADB_ROOT_PASSWORD=root-of-the-test\nWEBAPP_DB_PASSWORD=app-of-the-test\n" },
    edits: [
      ["a file that is mounted", ["stacks/pi-db/conf.d/tuned.cnf", "[", "# another line\n["], { "pi-db/mariadb": "recreate" }],
      ["an image", ["stacks/pi-db/compose.yaml", "mariadb:10.11.18", "mariadb:11.8.5"], { "pi-db/mariadb": "recreate" }],
    ],
  },
];

for (const { host: name, address, image, next, hostEnv = {}, edits } of EXAMPLES) {
  describe(`the plan of the example's ${name}`, () => {
    it("must be what happens", async () => {
      const host: Host = await startHost({ host: name, images: [image], engine: { addresses: [address] } });
      try {
        await host.docker("tag", image, next);
        mkdirSync(join(host.directory, "env"), { recursive: true, mode: 0o700 });
        for (const [file, text] of Object.entries(hostEnv))
          writeFileSync(join(host.directory, "env", file), text, { mode: 0o600 });
        const files = readExample(host.alertmanager.url);
        await host.push(files);
        assert.equal(await host.settle(), "converged");
        for (const [what, [file, from, to], expected] of edits) {
          const path = `desired-state/${file}`;
          const text = files[path] ?? "";
          assert.ok(text.includes(from), `${file} has no ${from}`);
          files[path] = text.replace(from, to);
          assert.deepEqual(await assertPlanned(host, name, { [path]: files[path] ?? "" }), expected, what);
        }
      } finally {
        await host.stop();
      }
    });
  });
}
