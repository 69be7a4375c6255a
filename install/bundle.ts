import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

export const ROOT = join(import.meta.dirname, "..");

/**
 * Never called, so never loaded: dockerode can reach an engine over SSH and TLS, speak BuildKit's gRPC and pack build
 * contexts, and Holdfast talks to a local socket only; undici can speak HTTP/2, which http-client.ts switches off.
 */
const NEVER_CALLED: readonly { readonly path: RegExp; readonly importer: RegExp }[] = [
  {
    path: /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|tar-fs|@balena\/dockerignore)(\/.*)?$/,
    importer: /\/dockerode\//,
  },
  { path: /^(ssh2|https)$/, importer: /\/docker-modem\// },
  { path: /\/client-h2\.js$/, importer: /\/undici\// },
];

const leaveOut: Plugin = {
  name: "leave-out",
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, ({ path, importer }) =>
      NEVER_CALLED.some((never) => never.path.test(path) && never.importer.test(importer))
        ? { path, namespace: "left-out" }
        : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

/**
 * An ES module that imports node:http reads everything that it exports, also what Node.js loads only on demand, which is its
 * own copy of undici: 12 MB resident. `require` does not.
 */
const requireHttp: Plugin = {
  name: "require-http",
  setup(builder) {
    builder.onResolve({ filter: /^node:http$/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "required" } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};

// CommonJS packages ask for Node's own modules by `require`, which an ES module has to make.
const REQUIRE = 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

export interface Bundle {
  readonly text: string;
  /** The files that went into it, as paths below the repository. */
  readonly inputs: readonly string[];
}

export interface BundleOptions {
  /** A single executable of Node.js 24 holds CommonJS only. */
  readonly format: "esm" | "cjs";
  /** What `holdfast version` says it was made from. */
  readonly commit?: string;
}

/** The whole program as one text. The same sources give the same text, wherever the repository and its node_modules are. */
export async function bundleProgram({ format, commit }: BundleOptions): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["agent/main.ts"],
    outfile: "dist/holdfast.js",
    write: false,
    metafile: true,
    bundle: true,
    // Identifiers stay as they are: stack traces can be read, and to keep names beside short identifiers costs 2 MB.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    platform: "node",
    target: "node24",
    format,
    // With code cache, `import()` of Node's own modules does not work; `require` does.
    ...(format === "esm" ? { banner: { js: REQUIRE } } : { supported: { "dynamic-import": false } }),
    define: commit === undefined ? {} : { HOLDFAST_COMMIT: JSON.stringify(commit) },
    preserveSymlinks: true,
    plugins: [leaveOut, requireHttp],
    logLevel: "warning",
  });
  // One character beyond Latin-1 makes V8 keep the whole program in two bytes per character.
  const text = (outputFiles[0]?.text ?? "").replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { text, inputs: Object.keys(metafile.inputs).sort() };
}

/** Version of the program, as package.json says it. */
export async function readVersion(): Promise<string> {
  return (JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
}
