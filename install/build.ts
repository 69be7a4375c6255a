/** `npm run build`: bundles the program into dist/holdfast.mjs, so that it starts quickly and loads nothing that it never calls. */
import { readFile, writeFile } from "node:fs/promises";
import { build, type Plugin } from "esbuild";

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

const OUTPUT = "dist/holdfast.mjs";
// CommonJS packages ask for Node's own modules by `require`, which an ES module has to make.
const REQUIRE = 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

await build({
  entryPoints: ["agent/main.ts"],
  outfile: OUTPUT,
  bundle: true,
  // Identifiers stay as they are: stack traces can be read, and to keep names beside short identifiers costs 2 MB.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "external",
  platform: "node",
  target: "node24",
  format: "esm",
  banner: { js: REQUIRE },
  plugins: [leaveOut, requireHttp],
  logLevel: "warning",
});
// One character beyond Latin-1 makes V8 keep the whole program in two bytes per character.
const text = (await readFile(OUTPUT, "utf8")).replace(
  /[^\0-\x7f]/g,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
);
await writeFile(OUTPUT, text);
console.log(`${OUTPUT}: ${Math.round(text.length / 1024)} KiB`);
