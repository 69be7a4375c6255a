// Stands in for Pi-hole 6: a real dnsmasq on port 53 with the settings that the FTLCONF_ variables ask for, and the web
// interface's address on port 80.
import { spawn } from "node:child_process";
import { serve } from "./serve.mjs";

const list = (name) => (process.env[name] ?? "").split(";").map((line) => line.trim()).filter(Boolean);

const upstreams = list("FTLCONF_dns_upstreams").map((address) => `--server=${address}`);
const hosts = list("FTLCONF_dns_hosts").map((line) => `--host-record=${line.split(/\s+/).slice(1).join(",")},${line.split(/\s+/)[0]}`);
const lines = list("FTLCONF_misc_dnsmasq_lines").map((line) => `--${line}`);

const dnsmasq = spawn(
  "/usr/sbin/dnsmasq",
  ["--keep-in-foreground", "--no-resolv", "--no-hosts", "--user=root", "--log-facility=-", "--host-record=pi.hole,127.0.0.1", ...upstreams, ...hosts, ...lines],
  { stdio: "inherit" },
);
dnsmasq.on("exit", (code) => process.exit(code ?? 1));

const login = "<!doctype html><title>Pi-hole</title><h1>Pi-hole</h1>";
serve(80, { "/": login, "/admin": login, "/admin/": login, "/admin/login": login, "/api/info/login": { dns: true, https_port: 0, took: 0 } });
