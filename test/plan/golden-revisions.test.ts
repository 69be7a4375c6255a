import {
  buildApplied,
  buildContainer,
  buildDependency,
  buildExited,
  buildImage,
  buildService,
  buildStack,
  IMAGE,
  placedFiles,
} from "./build.ts";
import { changeService, testGoldens } from "./golden.ts";

const [DB, WEB] = [buildService("db"), buildService("web")];
const MIGRATE = buildService("migrate", { oneShot: true, dependencies: [buildDependency("db", "service_healthy")] });
const API = buildService("api", {
  dependencies: [buildDependency("db", "service_healthy"), buildDependency("migrate", "service_completed_successfully")],
});
const FILE = { path: "conf/web.conf", oid: "01", executable: false };
const WEB_WITH_FILE = buildService("web", { fields: { image: IMAGE }, files: { "conf/web.conf": "01" } });
const LAYERS = buildStack("shop", [API, DB, MIGRATE, WEB], { files: [FILE] });
const PAIR = buildStack("shop", [DB, WEB]);
const ONE = buildStack("shop", [WEB_WITH_FILE], { files: [FILE] });
const HERE = [buildImage(IMAGE)];

testGoldens("the plan of a revision", [
  {
    must: "converge a new stack level by level",
    stacks: [LAYERS],
    applied: [],
    placed: new Map(),
    images: HERE,
    plan: `box:
shop
  place 1 file
      because conf/web.conf added
  create db, web
      because service db has no container
      because service web has no container
  create migrate once db is healthy
      because service migrate has no container
  create api once db is healthy and migrate has finished
      because service api has no container
`,
  },
  {
    must: "go on where it was: migrate has finished, and does not run again",
    stacks: [LAYERS],
    applied: [],
    containers: [
      buildContainer("shop", "db", { health: "healthy" }),
      buildContainer("shop", "web"),
      buildExited("shop", "migrate", 0),
    ],
    images: HERE,
    plan: `box:
shop
  create api once db is healthy and migrate has finished
      because service api has no container
`,
  },
  {
    must: "get an image that is missing, then recreate the service that names it",
    stacks: [changeService(ONE, "web", { image: "nginx:1.28", digest: "1.new.files", fields: { image: "nginx:1.28" } })],
    applied: [["shop", buildApplied(ONE)]],
    containers: [buildContainer("shop", "web")],
    images: HERE,
    plan: `box:
shop
  pull nginx:1.28
      because image nginx:1.28 is not on this host
  recreate web
      because service web: image nginx:1.27 -> nginx:1.28
`,
  },
  {
    must: "place a changed file, then recreate the services that mount it",
    stacks: [
      changeService(
        ONE,
        "web",
        { digest: "1.def.new", files: { "conf/web.conf": "02" } },
        {
          files: [{ ...FILE, oid: "02" }],
        },
      ),
    ],
    applied: [["shop", buildApplied(ONE)]],
    placed: new Map([["shop", placedFiles(ONE)]]),
    containers: [buildContainer("shop", "web")],
    images: HERE,
    plan: `box:
shop
  place 1 file
      because conf/web.conf changed
  recreate web
      because service web: file conf/web.conf changed
`,
  },
  {
    must: "place an unrelated file and touch no container",
    stacks: [{ ...ONE, inputs: "new", files: [FILE, { path: "README.md", oid: "09", executable: false }] }],
    applied: [["shop", buildApplied(ONE)]],
    placed: new Map([["shop", { ...placedFiles(ONE), "old.md": "08" }]]),
    containers: [buildContainer("shop", "web")],
    plan: `box:
shop
  place 1 file, remove 1 file
      because README.md added, old.md removed
`,
  },
  {
    must: "run a changed one-shot again, and not those that wait for it",
    stacks: [changeService(LAYERS, "migrate", { digest: "1.new.files" })],
    applied: [["shop", buildApplied(LAYERS)]],
    containers: [
      buildContainer("shop", "db", { health: "healthy" }),
      buildContainer("shop", "web"),
      buildContainer("shop", "api"),
      buildExited("shop", "migrate", 0),
    ],
    images: HERE,
    plan: `box:
shop
  recreate migrate once db is healthy
      because service migrate: its definition has changed
`,
  },
  {
    must: "recreate what lives in a namespace of a service that is replaced",
    stacks: [
      changeService(buildStack("shop", [buildService("app", { sharesWith: ["vpn"] }), buildService("vpn")]), "vpn", {
        digest: "1.new.files",
      }),
    ],
    applied: [],
    containers: [buildContainer("shop", "app"), buildContainer("shop", "vpn")],
    images: HERE,
    plan: `box:
shop
  recreate vpn
      because service vpn: its definition has changed
  recreate app
      because service app lives in a container of vpn that is replaced
`,
  },
  {
    must: "restart what asks for it when its dependency is replaced",
    stacks: [
      changeService(
        buildStack("shop", [
          DB,
          buildService("web", { dependencies: [buildDependency("db", "service_healthy", { restart: true })] }),
        ]),
        "db",
        { digest: "1.new.files" },
      ),
    ],
    applied: [],
    containers: [buildContainer("shop", "db"), buildContainer("shop", "web")],
    images: HERE,
    plan: `box:
shop
  recreate db
      because service db: its definition has changed
  restart web
      because db is replaced, and web asks to be restarted with it
`,
  },
  {
    must: "pull an image once for all services that miss it",
    stacks: [PAIR],
    images: [],
    plan: `box:
shop
  pull nginx:1.27
      because image nginx:1.27 is not on this host
  create db, web
      because service db has no container
      because service web has no container
`,
  },
  {
    must: "converge a changed revision in mode ignore",
    stacks: [changeService({ ...PAIR, drift: { mode: "ignore", rules: {} } }, "web", { digest: "1.new.files" })],
    applied: [["shop", buildApplied(PAIR)]],
    containers: [buildContainer("shop", "db"), buildContainer("shop", "web")],
    images: HERE,
    plan: `box:
shop
  recreate web
      because service web: its definition has changed
`,
  },
]);
