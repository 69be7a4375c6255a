import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { isExempt } from "../../agent/lib/no-proxy.ts";
import { type Environment, selectProxy } from "../../agent/lib/select-proxy.ts";

const select = (target: string, environment: Environment) => selectProxy(new URL(target), environment);
const shown = (target: string, environment: Environment) => select(target, environment)?.shown;

test("the scheme of the target must choose the variable, lower case before upper, then ALL_PROXY", () => {
  const all = { all_proxy: "http://all:1" };
  const cases: [string, Environment, string | undefined][] = [
    ["https://git.lan/", {}, undefined],
    ["https://git.lan/", { HTTPS_PROXY: "http://upper:1" }, "http://upper:1"],
    ["https://git.lan/", { HTTPS_PROXY: "http://upper:1", https_proxy: "http://lower:1" }, "http://lower:1"],
    ["https://git.lan/", { HTTPS_PROXY: "http://upper:1", https_proxy: "" }, "http://upper:1"],
    ["https://git.lan/", { HTTP_PROXY: "http://plain:1" }, undefined],
    ["http://git.lan/", { HTTP_PROXY: "http://plain:1" }, "http://plain:1"],
    ["http://git.lan/", { HTTPS_PROXY: "http://upper:1" }, undefined],
    ["http://git.lan/", { ...all, http_proxy: "http://plain:1" }, "http://plain:1"],
    ["http://git.lan/", all, "http://all:1"],
    ["https://git.lan/", { ALL_PROXY: "http://ALL:1" }, "http://all:1"],
  ];
  for (const [target, environment, expected] of cases) assert.equal(shown(target, environment), expected, inspect(environment));
});

test("a proxy must be known by its port, also when that or the scheme is left out", () => {
  for (const [value, expected] of [
    ["proxy.lan:3128", "http://proxy.lan:3128"],
    ["http://proxy.lan", "http://proxy.lan:80"],
    ["https://proxy.lan/", "https://proxy.lan:443"],
    ["http://[fd00::1]:3128", "http://[fd00::1]:3128"],
    ["user:secret@proxy.lan:3128", "http://proxy.lan:3128"],
  ] as const)
    assert.equal(shown("https://git.lan/", { https_proxy: value }), expected);
});

test("user name and password must be decoded, and stand nowhere but in the header", () => {
  const proxy = select("https://git.lan/", { https_proxy: "http://us%40er:p%2Fa%3As%20s@proxy.lan:3128" });
  assert.equal(proxy?.authorization, `Basic ${btoa("us@er:p/a:s s")}`);
  assert.equal(proxy?.url.href, "http://proxy.lan:3128/");
  assert.equal(select("https://git.lan/", { https_proxy: "http://user@proxy.lan" })?.authorization, `Basic ${btoa("user:")}`);
  assert.equal(select("https://git.lan/", { https_proxy: "http://proxy.lan" })?.authorization, undefined);
});

test("a variable that holds no address of a proxy must be named, without what it holds", () => {
  for (const [value, message] of [
    ["http://user:12/secret@proxy.lan:3128", /^HTTPS_PROXY does not hold the address of a proxy$/],
    ["http://user:12#secret@proxy.lan:3128", /^HTTPS_PROXY does not hold/],
    ["http://user:12?secret@proxy.lan:3128", /^HTTPS_PROXY does not hold/],
    ["http://user:secret@proxy.lan:port", /^HTTPS_PROXY does not hold/],
    ["http://", /^HTTPS_PROXY does not hold/],
    ["user:%secret@proxy.lan:3128", /^the user name or password in HTTPS_PROXY is not percent-encoded$/],
    ["socks5h://user:secret@proxy.lan:1080", /^HTTPS_PROXY names a socks5h proxy, which is not supported$/],
  ] as const) {
    assert.throws(
      () => select("https://git.lan/", { HTTPS_PROXY: value }),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes("secret"), inspect(error));
        return "lasting" in error && error.lasting === true;
      },
    );
  }
});

test("NO_PROXY must win over every proxy, lower case over upper case", () => {
  const proxies = { https_proxy: "http://proxy:1", ALL_PROXY: "http://all:1" };
  assert.equal(shown("https://git.lan/", { ...proxies, NO_PROXY: "git.lan" }), undefined);
  assert.equal(shown("https://git.lan/", { ...proxies, NO_PROXY: "git.lan", no_proxy: "other.lan" }), "http://proxy:1");
  // What is not used is not judged either.
  assert.equal(shown("https://git.lan/", { https_proxy: "socks5://proxy:1", NO_PROXY: "*" }), undefined);
});

test("NO_PROXY must name hosts, suffixes, addresses, networks and ports", () => {
  const cases: [string, string, boolean][] = [
    ["", "https://git.lan/", false],
    ["*", "https://git.lan/", true],
    ["git.lan", "https://git.lan/", true],
    ["GIT.lan", "https://Git.LAN/", true],
    ["git.lan.", "https://git.lan/", true],
    ["git.lan", "https://git.lan./", true],
    ["lan", "https://git.lan/", true],
    [".lan", "https://git.lan/", true],
    ["*.lan", "https://git.lan/", true],
    [".git.lan", "https://git.lan/", true],
    ["it.lan", "https://git.lan/", false],
    ["git.lan.example", "https://git.lan/", false],
    ["a, b\tgit.lan ,c", "https://git.lan/", true],
    ["git.lan:8443", "https://git.lan:8443/", true],
    ["git.lan:8443", "https://git.lan/", false],
    ["git.lan:443", "https://git.lan/", true],
    ["git.lan:80", "http://git.lan/", true],
    ["*:80", "http://git.lan/", true],
    ["*:80", "https://git.lan/", false],
    [".", "https://git.lan/", false],
    ["localhost", "http://127.0.0.1:9093/", false],
    ["127.0.0.1", "http://127.0.0.1:9093/", true],
    ["127.0.0.1:9093", "http://127.0.0.1:9093/", true],
    ["127.0.0.1:9094", "http://127.0.0.1:9093/", false],
    ["27.0.0.1", "http://127.27.0.1/", false],
    ["0.1", "http://10.0.0.1/", false],
    ["127.0.0.0/8", "http://127.0.0.1:9093/", true],
    ["10.0.0.0/8", "http://127.0.0.1:9093/", false],
    ["10.1.2.3/32", "http://10.1.2.3/", true],
    ["0.0.0.0/0", "http://10.1.2.3/", true],
    ["10.0.0.0/33", "http://10.1.2.3/", false],
    ["10.0.0.0/x", "http://10.1.2.3/", false],
    ["10.0.0.0/8", "http://git.lan/", false],
    ["::1", "http://[::1]:9093/", true],
    ["[::1]", "http://[::1]:9093/", true],
    ["[::1]:9093", "http://[::1]:9093/", true],
    ["[::1]:9094", "http://[::1]:9093/", false],
    ["0:0::1", "http://[::1]:9093/", true],
    ["fd00::/8", "http://[fd12::1]/", true],
    ["fd00::/8", "http://[fe80::1]/", false],
    ["0.0.0.0/0", "http://[::1]/", false],
  ];
  for (const [list, target, expected] of cases) assert.equal(isExempt(new URL(target), list), expected, `${list} ${target}`);
});
