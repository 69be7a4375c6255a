import type { OnChange } from "../../agent/model/desired.ts";
import type { EditedFile } from "../../agent/model/observed.ts";
import { buildApplied, buildContainer, buildImage, buildService, buildStack, IMAGE } from "./build.ts";
import { testGoldens } from "./golden.ts";

const HERE = [buildImage(IMAGE)];
const file = (path: string, oid = "01") => ({ path, oid, executable: false });
const hup = (key = "01"): OnChange => ({ action: "signal", signal: "HUP", key });
const edited = (path: string, over: Partial<EditedFile> = {}): EditedFile => ({
  ...{ path, state: "edited", found: "9 bytes of other content", expected: "content 01", oid: "ff" },
  ...over,
});
const running = (...services: string[]) => services.map((service) => buildContainer("shop", service));
const filesOf = (...files: EditedFile[]) => new Map([["shop", files]]);

const WEB = buildService("web", { files: { "conf/web.conf": "01" } });
const DB = buildService("db");
const PROM = buildService("prom", { onChange: { "conf/prom.yml": hup() } });
const API = buildService("api", { onChange: { "conf/app.toml": { action: "restart", key: "01" } } });
const JOB = buildService("job", { oneShot: true, files: { "conf/web.conf": "01" } });
const ALL = buildStack("shop", [API, DB, PROM, WEB], {
  files: [file("conf/app.toml"), file("conf/prom.yml"), file("conf/web.conf")],
});
const RUNNING = running("api", "db", "prom", "web");
const given = (record: Readonly<Record<string, Readonly<Record<string, string>>>>) => ({
  delivered: new Map([["shop", record]]),
});
const DELIVERED = { api: { "conf/app.toml": "01" }, prom: { "conf/prom.yml": "01" } };

testGoldens("the plan for edited files", [
  {
    must: "put a file back and replace only the service that mounts it",
    stacks: [ALL],
    containers: RUNNING,
    images: HERE,
    files: filesOf(edited("conf/web.conf", { diff: "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n+y" })),
    plan: `box:
shop
  put back 1 file
      because conf/web.conf was edited by hand
          --- a
          +++ b
          @@ -1,1 +1,1 @@
          -x
          +y
  recreate web
      because conf/web.conf was edited by hand
`,
  },
  {
    must: "give a file to each service in its own way, whatever was done to it",
    stacks: [ALL],
    containers: RUNNING,
    images: HERE,
    files: filesOf(
      edited("conf/app.toml", { state: "missing", found: "nothing", expected: "a file" }),
      edited("conf/prom.yml", { state: "mode", found: "mode 600", expected: "mode 644" }),
    ),
    plan: `box:
shop
  put back 2 files
      because conf/app.toml was deleted by hand
      because conf/prom.yml has mode 600 instead of 644
  restart api: conf/app.toml changed
      because conf/app.toml was deleted by hand
  signal HUP to prom: conf/prom.yml changed
      because conf/prom.yml has mode 600 instead of 644
`,
  },
  {
    must: "write what the revision changes and what was edited in one step",
    stacks: [{ ...ALL, inputs: "new", files: [file("conf/app.toml"), file("conf/prom.yml", "02"), file("conf/web.conf")] }],
    placed: new Map([["shop", { "conf/app.toml": "01", "conf/prom.yml": "01", "conf/web.conf": "01" }]]),
    containers: RUNNING,
    images: HERE,
    files: filesOf(edited("conf/app.toml", { state: "symlink", found: "a symbolic link", expected: "a file" })),
    plan: `box:
shop
  place 1 file, put back 1 file
      because conf/prom.yml changed
      because conf/app.toml was replaced by a symbolic link
  restart api: conf/app.toml changed
      because conf/app.toml was replaced by a symbolic link
`,
  },
  {
    must: "run no finished one-shot again for an edit that it never saw",
    stacks: [buildStack("shop", [JOB], { files: [file("conf/web.conf")] })],
    containers: [buildContainer("shop", "job", { state: "exited", exitCode: 0 })],
    images: HERE,
    files: filesOf(edited("conf/web.conf")),
    plan: `box:
shop
  put back 1 file
      because conf/web.conf was edited by hand
`,
  },
  {
    must: "name many files together",
    stacks: [
      buildStack("shop", [buildService("web", { files: Object.fromEntries(names(23).map((path) => [path, "01"])) })], {
        files: names(23).map((path) => file(path)),
      }),
    ],
    containers: running("web"),
    images: HERE,
    files: filesOf(...names(23).map((path) => edited(path))),
    plan: `box:
shop
  put back 23 files
${names(20)
  .map((path) => `      because ${path} was edited by hand\n`)
  .join("")}      because 3 more files were changed by hand
  recreate web
${names(5)
  .map((path) => `      because ${path} was edited by hand\n`)
  .join("")}      because 18 more of its files were changed by hand
`,
  },
  {
    must: "report and change nothing with files-edited: report",
    stacks: [{ ...ALL, drift: { mode: "heal", rules: { "files-edited": "report" } } }],
    containers: RUNNING,
    images: HERE,
    files: filesOf(edited("conf/web.conf", { diff: "-x\n+y" })),
    plan: `box:
reported only
  shop: files-edited: conf/web.conf was edited by hand
      -x
      +y
`,
  },
  {
    must: "put the file back and leave the services with files: report",
    stacks: [{ ...ALL, drift: { mode: "heal", rules: { files: "report" } } }],
    containers: RUNNING,
    images: HERE,
    files: filesOf(edited("conf/web.conf")),
    plan: `box:
shop
  put back 1 file
      because conf/web.conf was edited by hand
`,
  },
]);

testGoldens("the plan for changed files that need no new container must", [
  {
    must: "signal and restart, and touch no other service",
    stacks: [{ ...ALL, inputs: "new" }],
    ...given({ api: { "conf/app.toml": "00" }, prom: { "conf/prom.yml": "00" } }),
    containers: RUNNING,
    images: HERE,
    plan: `box:
shop
  restart api: conf/app.toml changed
      because service api: file conf/app.toml changed
  signal HUP to prom: conf/prom.yml changed
      because service prom: file conf/prom.yml changed
`,
  },
  {
    must: "send each signal once, and no signal where a restart brings everything",
    stacks: [
      buildStack("shop", [
        buildService("a", { onChange: { x: hup("2"), y: hup("2"), z: { action: "signal", signal: "USR1", key: "2" } } }),
        buildService("b", { onChange: { x: hup("2"), y: { action: "restart", key: "2" } } }),
      ]),
    ],
    ...given({ a: { x: "1", y: "1", z: "1" }, b: { x: "1", y: "1" } }),
    containers: running("a", "b"),
    images: HERE,
    plan: `box:
shop
  signal HUP to a: x, y changed
      because service a: file x changed, file y changed, file z changed
  signal USR1 to a: z changed
      because service a: file x changed, file y changed, file z changed
  restart b: x, y changed
      because service b: file x changed, file y changed
`,
  },
  {
    must: "replace a service whose edited file was put back by an agent that was killed then",
    stacks: [ALL],
    ...given({ ...DELIVERED, web: { "conf/web.conf": "edited" }, prom: { "conf/prom.yml": "edited" } }),
    containers: RUNNING,
    images: HERE,
    plan: `box:
shop
  signal HUP to prom: conf/prom.yml changed
      because service prom: file conf/prom.yml was edited by hand and put back
  recreate web
      because service web: file conf/web.conf was edited by hand and put back
`,
  },
  {
    must: "tell nothing to what does not run, which reads its files when it is started",
    stacks: [ALL],
    ...given({ ...DELIVERED, prom: { "conf/prom.yml": "00" } }),
    containers: [...running("api", "db", "web"), buildContainer("shop", "prom", { state: "exited", exitCode: 1 })],
    images: HERE,
    plan: `box:
shop
  start shop-prom-1
      because container shop-prom-1 is exited with code 1
`,
  },
  {
    must: "thaw what is paused, tell what runs, and only then start the rest",
    stacks: [buildStack("shop", [{ ...PROM, replicas: 3 }], { files: [file("conf/prom.yml")] })],
    ...given({ prom: { "conf/prom.yml": "00" } }),
    containers: [
      buildContainer("shop", "prom", { state: "exited", exitCode: 1 }),
      buildContainer("shop", "prom", { number: 2, state: "paused" }),
      buildContainer("shop", "prom", { number: 3 }),
    ],
    images: HERE,
    plan: `box:
shop
  unpause shop-prom-2
      because container shop-prom-2 is paused
  signal HUP to prom: conf/prom.yml changed
      because service prom: file conf/prom.yml changed
  start shop-prom-1
      because container shop-prom-1 is exited with code 1
`,
  },
  {
    must: "tell those that are there before another replica is made",
    stacks: [buildStack("shop", [{ ...PROM, replicas: 2 }], { files: [file("conf/prom.yml")] })],
    ...given({ prom: { "conf/prom.yml": "00" } }),
    containers: running("prom"),
    images: HERE,
    plan: `box:
shop
  signal HUP to prom: conf/prom.yml changed
      because service prom: file conf/prom.yml changed
  create prom
      because service prom has 1 container of 2
`,
  },
  {
    must: "leave a file for later where a process stands still and stays so",
    stacks: [
      { ...buildStack("shop", [PROM], { files: [file("conf/prom.yml")] }), drift: { mode: "heal", rules: { paused: "report" } } },
    ],
    ...given({ prom: { "conf/prom.yml": "00" } }),
    containers: [buildContainer("shop", "prom", { state: "paused" })],
    images: HERE,
    plan: `box:
reported only
  shop: paused: container shop-prom-1 is paused
`,
  },
  {
    must: "replace what has another definition, which brings its files too",
    stacks: [{ ...buildStack("shop", [{ ...PROM, digest: "1.new.files" }], { files: [file("conf/prom.yml")] }), inputs: "new" }],
    ...given({ prom: { "conf/prom.yml": "00" } }),
    containers: running("prom"),
    images: HERE,
    plan: `box:
shop
  recreate prom
      because service prom: its definition has changed
`,
  },
  {
    must: "say that only onChange is another, where a container is replaced because of it",
    stacks: [{ ...buildStack("shop", [{ ...PROM, digest: "1.def.other" }], { files: [file("conf/prom.yml")] }), inputs: "new" }],
    applied: [["shop", buildApplied(buildStack("shop", [buildService("prom", { files: { "conf/prom.yml": "01" } })]))]],
    ...given({}),
    containers: running("prom"),
    images: HERE,
    plan: `box:
shop
  recreate prom
      because service prom: its onChange has changed
`,
  },
  {
    must: "report and do nothing with files: report",
    stacks: [{ ...ALL, drift: { mode: "heal", rules: { files: "report" } } }],
    ...given({ ...DELIVERED, prom: { "conf/prom.yml": "00" } }),
    containers: RUNNING,
    images: HERE,
    plan: `box:
reported only
  shop: files: service prom: file conf/prom.yml changed
`,
  },
]);

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `f${String(index).padStart(2, "0")}`);
}
