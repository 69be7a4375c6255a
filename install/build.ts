/** `npm run build`: bundles the program into dist/holdfast.mjs, so that it starts quickly and loads nothing that it never calls. */
import { stat } from "node:fs/promises";
import { build, type Plugin } from "esbuild";

/**
 * dockerode can reach an engine over SSH and speak BuildKit's gRPC. Holdfast talks to a local socket only, so these never
 * load: together they are most of dockerode's memory.
 */
const NEVER_CALLED = /^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)(\/.*)?$/;

const leaveOut: Plugin = {
  name: "leave-out",
  setup(builder) {
    builder.onResolve({ filter: NEVER_CALLED }, ({ path }) => ({ path, namespace: "left-out" }));
    builder.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

const OUTPUT = "dist/holdfast.mjs";
// CommonJS packages ask for Node's own modules by `require`, which an ES module has to make.
const REQUIRE = 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

await build({
  entryPoints: ["agent/main.ts"],
  outfile: OUTPUT,
  bundle: true,
  minify: true,
  keepNames: true,
  platform: "node",
  target: "node24",
  format: "esm",
  banner: { js: REQUIRE },
  plugins: [leaveOut],
  logLevel: "warning",
});
const { size } = await stat(OUTPUT);
console.log(`${OUTPUT}: ${Math.round(size / 1024)} KiB`);
