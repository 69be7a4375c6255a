import assert from "node:assert/strict";
import { test } from "node:test";
import { isInsecure, listAddresses } from "../../agent/registry/list-addresses.ts";

const list = (registry: string, options = {}) => listAddresses(registry, options).map(({ href }) => href);

test("a registry must be asked over TLS, Docker Hub at its own address", () => {
  assert.deepEqual(list("docker.io"), ["https://registry-1.docker.io/"]);
  assert.deepEqual(list("ghcr.io"), ["https://ghcr.io/"]);
  assert.deepEqual(list("nas.lan:5000"), ["https://nas.lan:5000/"]);
  assert.deepEqual(list("192.168.1.5:5000"), ["https://192.168.1.5:5000/"]);
});

test("a registry on this machine must be asked without TLS after it did not answer with it", () => {
  for (const host of ["localhost", "localhost:5000", "127.0.0.1:5000", "127.8.8.8", "[::1]:5000"]) {
    assert.deepEqual(list(host), [`https://${host}/`, `http://${host}/`], host);
  }
});

test("what only looks like this machine must be asked over TLS", () => {
  for (const host of ["localhost.example", "127.0.0.1.example", "128.0.0.1", "0.0.0.0", "my-localhost:5000", "[::2]:5000"]) {
    assert.equal(isInsecure(host), false, host);
  }
});

test("what Docker's insecure-registries list must be asked without TLS", () => {
  const insecureRegistries = ["nas:5000", "192.168.1.0/24", "fd00::/8", "not/a/block", "10.0.0.0/99", "10.0.0.0/-1"];
  for (const host of ["nas:5000", "192.168.1.5", "192.168.1.5:5000", "[fd00::1]:5000", "localhost"]) {
    assert.equal(isInsecure(host, { insecureRegistries }), true, host);
  }
  for (const host of ["nas", "nas:5001", "192.168.2.5", "10.0.0.1", "[fe00::1]"]) {
    assert.equal(isInsecure(host, { insecureRegistries }), false, host);
  }
});

test("a name that is no address must lead nowhere", () => assert.deepEqual(list("localhost:99999"), []));
