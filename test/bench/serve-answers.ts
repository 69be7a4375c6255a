// A process of its own, so that its work is nobody else's: answers as an engine whose containers never change.
// Arguments: the Unix socket, and a file with the answers by path.
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";

const [socket = "", file = ""] = process.argv.slice(2);
const answers = new Map(Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>));

rmSync(socket, { force: true });
createServer((request, response) => {
  const path = (request.url ?? "").replace(/^\/v1\.\d+/, "").replace(/\?.*$/, "");
  const headers = { "content-type": "application/json", "api-version": "1.45", ostype: "linux" };
  if (path === "/events") {
    // Nothing happens here.
    response.writeHead(200, headers).flushHeaders();
    return;
  }
  const answer = path === "/_ping" ? "OK" : answers.get(path);
  response.writeHead(answer === undefined ? 404 : 200, headers).end(answer ?? '{"message":"no such object"}');
}).listen(socket);
