/** Serves the files below a directory over HTTP, in whatever network namespace it is started; prints its address. */
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";

const root = process.argv[2] ?? "";
const server = createServer((request, response) => {
  const file = createReadStream(join(root, normalize(new URL(request.url ?? "/", "http://files").pathname)));
  file.on("error", () => response.writeHead(404).end());
  file.on("open", () => file.pipe(response));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}\n`);
});
