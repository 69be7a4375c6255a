import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, test } from "node:test";

/** Source text by path from the repository's root. */
type Sources = Readonly<Record<string, string>>;

const ROOT = join(import.meta.dirname, "..");
const MAX_LINES = 300;
const ADAPTERS = [
  "git",
  "desired",
  "compose",
  "engine",
  "registry",
  "secrets",
  "host",
  "probe",
  "report",
  "state",
  "forge",
  "upgrade",
];
/** What a part may import besides itself; the outside world is checked apart. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  lib: [],
  plan: ["model", "lib"],
  ports: ["model"],
  ...Object.fromEntries(ADAPTERS.map((name) => [name, ["ports", "model", "lib"]])),
  reconcile: ["plan", "ports", "model"],
  pages: ["model"],
  server: ["pages", "reconcile", "plan", "ports", "model", "lib", ...ADAPTERS],
  commands: ["server", "reconcile", "plan", "ports", "model", "lib", ...ADAPTERS],
  main: ["commands", "server", "reconcile", "plan", "ports", "model", "lib", ...ADAPTERS],
};
const PURE = ["model", "plan"];
const OUTSIDE_OF_PURE = ["node:crypto"];

/** Comments and their contents replaced by spaces, so that they are no code; texts and line numbers stay. */
function blankComments(source: string): string {
  const token = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return source.replace(token, (text) => (text.startsWith("/") ? text.replace(/[^\n]/g, " ") : text));
}

/** Everything that a source names in an import, an export from, or an import(). */
function listImports(source: string): string[] {
  const code = blankComments(source);
  const patterns = [
    /^\s*(?:import|export)\s[^"'`;]*?\sfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\s*\(\s*["'`]([^"'`]+)["'`]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
}

/** The part of the agent that a file belongs to: `plan`, `ports`, `main`. */
function partOf(path: string): string {
  return (path.split("/")[1] ?? "").replace(/\.ts$/, "");
}

function resolveImport(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : undefined;
}

/** Imports that go up or sideways, or that bring the outside world into a pure part. */
function findForbiddenImports(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, source]) => {
    const part = partOf(path);
    const allowed = ALLOWED[part];
    if (allowed === undefined) return [`${path}: ${part} has no rank in test/architecture.test.ts`];
    return listImports(source).flatMap((specifier) => {
      const target = resolveImport(path, specifier);
      if (target === undefined) {
        return PURE.includes(part) && !OUTSIDE_OF_PURE.includes(specifier) ? [`${path} imports ${specifier}`] : [];
      }
      // The version of the program stands there and nowhere else.
      if (target === "package.json" && part === "commands") return [];
      const to = partOf(target);
      return target.startsWith("agent/") && (to === part || allowed.includes(to)) ? [] : [`${path} imports ${target}`];
    });
  });
}

/** The first import cycle, `a -> b -> a`; undefined when there is none. */
function findImportCycle(sources: Sources): string | undefined {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(" -> ");
    if (done.has(path)) return undefined;
    for (const specifier of listImports(sources[path] ?? "")) {
      const target = resolveImport(path, specifier);
      const cycle = target === undefined ? undefined : visit(target, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of Object.keys(sources)) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Places where a decision would depend on anything but its input. */
function findImpurities(sources: Sources): string[] {
  const impure = /\bDate\.now\b|\bnew Date\b|\bDate\(|\bMath\.random\b|\bprocess\.|\bglobalThis\b|\bconsole\./;
  // A date that is made from a number is a function of that number.
  const pureDate = /new Date\(\s*[^\s)]/g;
  return Object.entries(sources)
    .filter(([path]) => partOf(path) === "plan")
    .flatMap(([path, source]) =>
      blankComments(source)
        .split("\n")
        .flatMap((line, index) => {
          const found = impure.exec(line.replace(pureDate, ""));
          return found === null ? [] : [`${path}:${index + 1}: ${found[0]}`];
        }),
    );
}

function findLongFiles(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, source]) => {
    const lines = source.split("\n").length - (source.endsWith("\n") ? 1 : 0);
    return lines > MAX_LINES && !path.includes("/generated/") ? [`${path} has ${lines} lines`] : [];
  });
}

function readSources(): Sources {
  const paths = readdirSync(join(ROOT, "agent"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `agent/${path}`);
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

describe("the agent", () => {
  const sources = readSources();

  test("must be found", () => {
    for (const path of ["agent/ports.ts", "agent/plan/make-plan.ts", "agent/model/desired.ts"]) assert.ok(sources[path], path);
  });
  test("must import lower ranks only, and nothing from outside in model and plan", () =>
    assert.deepEqual(findForbiddenImports(sources), []));
  test("must have no import cycle", () => assert.equal(findImportCycle(sources), undefined));
  test("must decide by its input alone", () => assert.deepEqual(findImpurities(sources), []));
  test("must have short files", () => assert.deepEqual(findLongFiles(sources), []));
});

describe("the checks", () => {
  test("must see every form of import and no comment", () => {
    const source = [
      'import { a } from "./a.ts";',
      'import type {\n  B,\n} from "../b.ts";',
      'import "./c.ts";',
      'export * from "./d.ts";',
      'const e = await import("./e.ts");',
      '// import { f } from "./f.ts";',
      '/* \nimport "./g.ts";\n*/',
      'const text = "import nothing // at all"; import("./h.ts");',
    ].join("\n");
    assert.deepEqual(listImports(source).sort(), ["../b.ts", "./a.ts", "./c.ts", "./d.ts", "./e.ts", "./h.ts"]);
  });

  const forbidden: [string, string, string][] = [
    ["upwards", "agent/plan/a.ts", "../reconcile/tick.ts"],
    ["a decision in an adapter", "agent/compose/a.ts", "../plan/a.ts"],
    ["one adapter in another", "agent/compose/a.ts", "../engine/a.ts"],
    ["an adapter in reconcile", "agent/reconcile/a.ts", "../engine/a.ts"],
    ["plan in ports", "agent/ports.ts", "./plan/a.ts"],
    ["ports in plan", "agent/plan/a.ts", "../ports.ts"],
    ["commands in server", "agent/server/a.ts", "../commands/run.ts"],
    ["main in commands", "agent/commands/a.ts", "../main.ts"],
    ["model in lib", "agent/lib/a.ts", "../model/a.ts"],
    ["a test", "agent/reconcile/a.ts", "../../test/fakes/a.ts"],
    ["node in plan", "agent/plan/a.ts", "node:fs"],
    ["a package in model", "agent/model/a.ts", "yaml"],
  ];
  for (const [what, path, specifier] of forbidden) {
    test(`must refuse ${what}`, () => {
      assert.equal(findForbiddenImports({ [path]: `import { x } from "${specifier}";\n` }).length, 1);
    });
  }

  const fine: [string, string, string][] = [
    ["hashing in plan", "agent/plan/a.ts", "node:crypto"],
    ["a neighbour", "agent/plan/a.ts", "./b.ts"],
    ["plan in reconcile", "agent/reconcile/a.ts", "../plan/a.ts"],
    ["server in commands", "agent/commands/a.ts", "../server/a.ts"],
    ["node in an adapter", "agent/engine/a.ts", "node:http"],
  ];
  for (const [what, path, specifier] of fine) {
    test(`must allow ${what}`, () => {
      assert.deepEqual(findForbiddenImports({ [path]: `import { x } from "${specifier}";\n` }), []);
    });
  }

  test("must refuse a part without a rank", () => {
    assert.match(findForbiddenImports({ "agent/utils/a.ts": "" })[0] ?? "", /utils has no rank/);
  });

  test("must find a cycle and name it", () => {
    const cycle = {
      "agent/plan/a.ts": 'import "./b.ts";',
      "agent/plan/b.ts": 'import "./c.ts";',
      "agent/plan/c.ts": 'import "./b.ts";',
    };
    assert.equal(findImportCycle(cycle), "agent/plan/b.ts -> agent/plan/c.ts -> agent/plan/b.ts");
    assert.equal(findImportCycle({ ...cycle, "agent/plan/c.ts": "" }), undefined);
  });

  for (const code of ["Date.now()", "new Date()", "new Date( )", "new Date;", "Math.random()", "process.env", "console.log(1)"]) {
    test(`must refuse ${code} in plan only`, () => {
      assert.deepEqual(findImpurities({ "agent/plan/a.ts": `const a = 1;\nconst b = ${code};` }).length, 1);
      assert.deepEqual(findImpurities({ "agent/reconcile/a.ts": code, "agent/plan/b.ts": `// ${code}` }), []);
    });
  }

  test("must allow a date that is made from a number", () => {
    assert.deepEqual(findImpurities({ "agent/plan/a.ts": "new Date(ms).toISOString(); new Date(attempt.nextAtMs)" }), []);
    assert.equal(findImpurities({ "agent/plan/a.ts": "new Date(ms); Date.now()" }).length, 1);
  });

  test("must count lines, generated files excepted", () => {
    const long = "x\n".repeat(MAX_LINES + 1);
    assert.deepEqual(findLongFiles({ "agent/plan/a.ts": long }), [`agent/plan/a.ts has ${MAX_LINES + 1} lines`]);
    assert.deepEqual(findLongFiles({ "agent/plan/a.ts": long.slice(2), "agent/model/generated/b.ts": long }), []);
  });
});
