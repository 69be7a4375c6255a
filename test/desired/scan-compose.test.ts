import assert from "node:assert/strict";
import { test } from "node:test";
import { type ScanRequest, scanCompose } from "../../agent/desired/scan-compose.ts";
import { renderFinding } from "../../agent/model/finding.ts";
import type { FileMode } from "../../agent/model/tree.ts";

type Files = Readonly<Record<string, string>>;

function requestOf(files: Files, more: Partial<ScanRequest> = {}): ScanRequest {
  const modes: Readonly<Record<string, FileMode>> = { "->": "120000", "@": "160000" };
  return {
    stack: "web",
    rootPath: "stacks/web",
    tree: { oid: "0", files: Object.entries(files).map(([path, text]) => ({ path, oid: "1", mode: modes[text] ?? "100644" })) },
    read: async (path) => (files[path] === undefined ? undefined : new TextEncoder().encode(files[path])),
    composeFiles: ["compose.yaml"],
    variables: new Set(["DOMAIN"]),
    profiles: [],
    ...more,
  };
}

const scan = async (files: Files, more?: Partial<ScanRequest>): Promise<string[]> =>
  (await scanCompose(requestOf(files, more))).findings.map((finding) => renderFinding(finding).replace("stacks/web/", ""));

/** A service that nothing is to be said about, and what is added to it. */
const service = (lines = "", rest = ""): Files => ({
  "compose.yaml": `services:\n  a:\n    image: nginx:1\n    restart: always\n${lines.replaceAll(/^(?=.)/gm, "    ")}\n${rest}`,
});

const OUTSIDE = "leads out of the stack's root; move the file, or widen root in stack.yaml (path-outside-root)";

const CASES: [name: string, files: Files, ...findings: string[]][] = [
  ["a plain service", service()],
  // Variables.
  ["a variable with a value", service('command: ["${DOMAIN}", "$DOMAIN", "${COMPOSE_PROJECT_NAME}", "${HOLDFAST_HOST}"]')],
  [
    "a variable without value",
    service("hostname: ${HOST}.lan"),
    "compose.yaml:5:15: ${HOST} has no value; define HOST under vars or in an env file, or give a default: ${HOST:-…} (variable-undefined)",
  ],
  [
    "a misspelt variable without braces",
    service("hostname: $DOMIAN"),
    'compose.yaml:5:15: $DOMIAN has no value; did you mean "DOMAIN"? Else define DOMIAN under vars or in an env file, or give a default: ${DOMIAN:-…} (variable-undefined)',
  ],
  [
    "defaults and alternatives",
    service('command: ["${A:-b}", "${A-}", "${A:+${B}}", "${DOMAIN:-${B}}", "${A:-${DOMAIN}}", "$$A", "$1", "5$"]'),
  ],
  [
    "a required variable",
    service('command: ["${A:?set A}", "${B?}", "${DOMAIN:?x}"]'),
    "compose.yaml:5:15: ${A:?set A} has no value (set A); define A under vars or in an env file (variable-undefined)",
    "compose.yaml:5:30: ${B?} has no value; define B under vars or in an env file (variable-undefined)",
  ],
  [
    "nested variables without value",
    service('command: ["${A:-${B:-x${C}}}", "${DOMAIN:+$D}"]'),
    "compose.yaml:5:15: ${C} has no value; define C under vars or in an env file, or give a default: ${C:-…} (variable-undefined)",
    "compose.yaml:5:36: $D has no value; define D under vars or in an env file, or give a default: ${D:-…} (variable-undefined)",
  ],
  [
    "what only looks like a variable",
    service('command: ["${}", "${A B}", "${A"]'),
    ...["${} is", "${A B} is", "${A is"].map(
      (text, index) =>
        `compose.yaml:5:${[15, 22, 32][index]}: ${text} not a variable that Compose understands; write \${NAME}, \${NAME:-default} or, for a dollar sign, $$ (variable-syntax)`,
    ),
  ],
  ["a dollar sign in a key", service('labels: {"k${X}": v}')],
  // Paths.
  ["an env_file that leaves", service("env_file: ../../x.env"), `compose.yaml:5:15: env_file ../../x.env ${OUTSIDE}`],
  [
    "an env_file of the host",
    service("env_file: [/etc/x.env]"),
    "compose.yaml:5:16: env_file /etc/x.env is read from the host; list it under hostEnvFiles in stack.yaml (path-outside-root)",
  ],
  ["a short bind that leaves", service("volumes: [../x:/x]"), `compose.yaml:5:15: bind mount ../x ${OUTSIDE}`],
  ["a bind that leaves later", service("volumes: [./a/../../x:/x]"), `compose.yaml:5:15: bind mount ./a/../../x ${OUTSIDE}`],
  [
    "a bind that leaves before a variable",
    service("volumes: ['../${DOMAIN}:/x']"),
    `compose.yaml:5:15: bind mount ../$\{DOMAIN} ${OUTSIDE}`,
  ],
  [
    "a long bind that leaves",
    service("volumes: [{type: bind, source: ../x, target: /x}]"),
    `compose.yaml:5:36: bind mount ../x ${OUTSIDE}`,
  ],
  [
    "binds that stay",
    service("volumes: [/etc/hosts:/h, ~/x:/y, data:/d, ./a/../b:/b, '${DOMAIN:-./x}:/c', {type: tmpfs, target: /t}]"),
  ],
  [
    "configs and secrets that leave",
    service("", "configs: {c: {file: ../c}}\nsecrets: {s: {file: ./../s}}"),
    `compose.yaml:6:21: file ../c ${OUTSIDE}`,
    `compose.yaml:7:21: file ./../s ${OUTSIDE}`,
  ],
  [
    "a volume's device that leaves",
    service("", "volumes: {v: {driver_opts: {type: none, o: bind, device: ../v}}}"),
    `compose.yaml:6:58: device ../v ${OUTSIDE}`,
  ],
  [
    "build",
    service("build: ../app"),
    "compose.yaml:5:12: build is not supported yet; build the image elsewhere and name it with image: (not-supported-yet)",
    `compose.yaml:5:12: build context ../app ${OUTSIDE}`,
  ],
  ["an include that leaves", { ...service("", "include: [../x.yaml]") }, `compose.yaml:6:11: include of ../x.yaml ${OUTSIDE}`],
  [
    "an extended file that leaves",
    service("extends: {file: ../x.yaml, service: b}"),
    `compose.yaml:5:21: extends.file of ../x.yaml ${OUTSIDE}`,
  ],
  ...["https://example.org/c.yaml", "git@example.org:a/b.git", "oci://example.org/a"].map((url): [string, Files, string] => [
    `an include of ${url}`,
    service("", `include: ["${url}"]`),
    `compose.yaml:6:11: include of ${url} would come from outside the repository; commit the file (remote-include)`,
  ]),
  [
    "an include with a variable",
    service("", "include: ['${DOMAIN}.yaml']"),
    "compose.yaml:6:11: include with a variable cannot be checked; write the path out (include-variable)",
  ],
  // Missing files.
  [
    "a compose file of another name",
    { "docker-compose.yml": "services: {}" },
    "compose.yaml:1:1: compose.yaml does not exist below the stack's root; known here: docker-compose.yml (file-missing)",
  ],
  [
    "a missing env_file",
    { ...service("env_file: [ap.env, {path: no.env, required: false}]"), "app.env": "" },
    'compose.yaml:5:16: ap.env does not exist below the stack\'s root; did you mean "app.env"? (file-missing)',
  ],
  [
    "a missing secret file",
    service("", "secrets: {s: {file: ./s.txt}}"),
    "compose.yaml:6:21: s.txt does not exist below the stack's root; commit it (file-missing)",
  ],
  // What is in the tree.
  [
    "a symbolic link and a submodule",
    { ...service(), "conf/link": "->", vendor: "@" },
    "conf/link:1:1: symbolic links are not placed; commit the file itself in its place (symbolic-link)",
    "vendor:1:1: submodules are not fetched; commit the files themselves, or narrow root in stack.yaml (submodule)",
  ],
  [
    "committed files that a container may write",
    {
      ...service(
        "volumes: [./c.conf:/c, ./c.conf:/d:ro, ./conf:/e, './conf:/f:z,ro', {type: bind, source: ./conf, target: /g, read_only: true}]",
      ),
      "c.conf": "x",
      "conf/a": "x",
      "conf/b": "x",
    },
    "compose.yaml:5:15: warning: c.conf is committed and the container may write it; mount it with :ro (writable-placed-file)",
    "compose.yaml:5:44: warning: ./conf holds committed files (conf/a, conf/b) and the container may write it; mount it with :ro (writable-placed-file)",
  ],
  // Services.
  ["the stack's own name", service("", "name: web")],
  [
    "another project name",
    service("", "name: shop"),
    "compose.yaml:6:7: a project is named after its stack, web; remove name: shop (project-name)",
  ],
  [
    "a service without restart",
    { "compose.yaml": "services:\n  a: {image: x}\n" },
    'compose.yaml:2:3: warning: a has no restart: and stays down after a crash or a reboot; add restart: unless-stopped, or the label holdfast.one-shot: "true" (no-restart)',
  ],
  [
    "one-shots and inactive services",
    {
      "compose.yaml":
        "services:\n  a: {image: x, labels: {holdfast.one-shot: 'true'}}\n  b: {image: x, labels: [holdfast.one-shot=true]}\n  c: {image: x}\n" +
        "  d: {image: x, restart: 'no', depends_on: {c: {condition: service_completed_successfully}}}\n  e: {image: x, profiles: [debug]}\n" +
        "  f: {image: x, deploy: {restart_policy: {condition: any}}}\n",
    },
  ],
  [
    "a container name for replicas",
    service("container_name: a\ndeploy: {replicas: 2}"),
    "compose.yaml:5:21: warning: a container name fits one container only; remove it, or the replicas (container-name)",
  ],
  // Bad files.
  [
    "a Compose file that does not parse",
    { "compose.yaml": "services:\n\ta: 1\n" },
    "compose.yaml:2:1: a tab is used as indentation; YAML wants spaces (yaml-syntax)",
  ],
  [
    "a Compose file that is a list",
    { "compose.yaml": "- a\n" },
    "compose.yaml:1:1: expected a mapping with services, as in every Compose file (wrong-type)",
  ],
  [
    "shapes that nobody expects",
    { "compose.yaml": "services: [1]\ninclude: 5\nconfigs: x\nvolumes: {a: b}\nsecrets: {a: [1]}\n" },
  ],
];

for (const [name, files, ...expected] of CASES) {
  test(name, async () => assert.deepEqual(await scan(files), expected));
}

test("included and extended files are checked against their own directories", async () => {
  const files = {
    "app/compose.yaml":
      "include:\n  - ../inc/one.yaml\n  - {path: [../inc/two.yaml], project_directory: .., env_file: ../inc/two.env}\nservices:\n" +
      "  a: {extends: {file: ../ext/base.yaml, service: base}, image: x, env_file: a.env}\n",
    "app/a.env": "",
    "inc/one.yaml": "services: {one: {image: 'x${ONE}', restart: always, volumes: ['./d:/d', '../../d:/d']}}\n",
    "inc/.env": "ONE=1\n",
    "inc/two.yaml": "services: {two: {image: 'x${TWO}${ONE}', restart: always, volumes: ['./d:/d', '../d:/d']}}\n",
    "inc/two.env": "TWO=2\nDOCKER_HOST=x\n",
    "ext/base.yaml":
      "services:\n  base: {extends: {file: more.yaml, service: deep}, volumes: ['./m:/m', '../../m:/m']}\n  other: {volumes: ['../../o:/o']}\n",
    "ext/more.yaml": "services: {deep: {restart: always, env_file: b.env}}\n",
  };
  const request = requestOf(files, { composeFiles: ["app/compose.yaml"] });
  const { findings, composeFiles, services, variables } = await scanCompose(request);
  assert.deepEqual(
    findings.map((finding) => renderFinding(finding).replace("stacks/web/", "")),
    [
      `ext/base.yaml:2:73: bind mount ../../m ${OUTSIDE}`,
      "ext/more.yaml:1:46: ext/b.env does not exist below the stack's root; known here: app/a.env, inc/.env, inc/two.env (file-missing)",
      `inc/one.yaml:1:73: bind mount ../../d ${OUTSIDE}`,
      "inc/two.env:2:1: DOCKER_HOST: names that start with COMPOSE_ or DOCKER_ steer Compose itself; choose another (variable-reserved)",
      "inc/two.yaml:1:25: ${ONE} has no value; define ONE under vars or in an env file, or give a default: ${ONE:-…} (variable-undefined)",
      `inc/two.yaml:1:79: bind mount ../d ${OUTSIDE}`,
    ],
  );
  assert.deepEqual(composeFiles, ["app/compose.yaml", "ext/base.yaml", "ext/more.yaml", "inc/one.yaml", "inc/two.yaml"]);
  assert.deepEqual(services, ["a", "one", "two"]);
  assert.deepEqual(variables, ["ONE", "TWO"]);
});

test("files that include and extend each other in a circle end", async () => {
  const files = {
    "compose.yaml": "include: [other.yaml]\nservices: {a: {restart: always, extends: {file: other.yaml, service: b}}}\n",
    "other.yaml": "include: [compose.yaml]\nservices: {b: {restart: always, extends: {file: compose.yaml, service: a}}}\n",
  };
  assert.deepEqual(await scan(files), []);
});

test("several Compose files are seen together, and paths are those of the first one's directory", async () => {
  const files = {
    "app/a.yaml": "services: {a: {image: x}}\n",
    "b.yaml": "services: {a: {restart: always, env_file: a.env, labels: !reset null}}\n",
    "app/a.env": "",
  };
  assert.deepEqual(await scan(files, { composeFiles: ["app/a.yaml", "b.yaml"] }), []);
});

test("where names are only known on the host, only a variable that looks mistyped is told", async () => {
  const options = { allNamesKnown: false, variables: new Set(["BIND_IP"]) };
  assert.deepEqual(await scan(service("hostname: ${TOKEN}"), options), []);
  assert.deepEqual(await scan(service("hostname: ${BIND_PI}"), options), [
    'compose.yaml:5:15: warning: ${BIND_PI} has no value in the repository; did you mean "BIND_IP"? Else one of hostEnvFiles must define BIND_PI (variable-undefined)',
  ]);
});

test("a missing Compose file is reported where it is named", async () => {
  const placeOf = () => ({ path: "stacks/web/stack.yaml", line: 3, column: 10 });
  assert.deepEqual(await scan({ "compose.yml": "" }, { placeOf }), [
    'stack.yaml:3:10: compose.yaml does not exist below the stack\'s root; did you mean "compose.yml"? (file-missing)',
  ]);
});

test("an active profile makes its services count", async () => {
  const findings = await scan({ "compose.yaml": "services:\n  a: {image: x, profiles: [gpu]}\n" }, { profiles: ["gpu"] });
  assert.equal(findings.length, 1);
});
