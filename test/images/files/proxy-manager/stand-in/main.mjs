// Stands in for Nginx Proxy Manager: 80 and 443 answer like its default site, 81 is the admin interface with its API.
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { serve } from "./serve.mjs";

const congratulations = "<!doctype html><title>Default Site</title><h1>Congratulations!</h1>";
const tls = { key: readFileSync("/stand-in/tls/proxy.key"), cert: readFileSync("/stand-in/tls/proxy.crt") };

serve(80, { "/": congratulations });
serve(443, { "/": congratulations }, (listener) => createTlsServer(tls, listener));
serve(81, {
  "/": "<!doctype html><title>Nginx Proxy Manager</title><div id=\"app\">nginx proxy manager</div>",
  "/api/": { status: "OK", setup: true, version: { major: 2, minor: 12, revision: 6 } },
});
