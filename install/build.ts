/** `npm run build`: bundles the program into dist/holdfast.mjs, so that it starts quickly and loads nothing that it never calls. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleProgram, ROOT } from "./bundle.ts";

const OUTPUT = "dist/holdfast.mjs";
const { text } = await bundleProgram({ format: "esm" });
await mkdir(join(ROOT, "dist"), { recursive: true });
await writeFile(join(ROOT, OUTPUT), text);
console.log(`${OUTPUT}: ${Math.round(text.length / 1024)} KiB`);
