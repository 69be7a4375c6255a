#!/usr/bin/env bash
# `npm test`: sets up what is missing, then runs the checks, the unit tests and the live tests. Needs bash, Node.js with
# npm, and for the live tests root on Debian or Ubuntu. The output of installations is kept in a file and only named
# when one fails. The last thing on the screen is the summary of Node.js's test runner, unless something failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

LOG=$(mktemp "${TMPDIR:-/tmp}/holdfast-test.XXXXXX")
readonly LOG
failures=()

say() { printf 'test: %s\n' "$*"; }
stop() {
  printf 'test: %s\n' "$*" >&2
  exit 1
}

# shellcheck source=install/demo/ensure-node-modules.sh
. install/demo/ensure-node-modules.sh

# An engine that is installed may still not be allowed to start: in a container without privileges, for example.
can_start_engine() {
  bash test/engine/install.sh || return 1
  node test/engine/try-engine.ts >>"$LOG" 2>&1 || {
    say "no Docker engine can be started here, see $LOG"
    return 1
  }
}

ensure_node_modules
# The servers of the tests are on this machine, and clients go through a proxy to loopback addresses too.
export no_proxy="127.0.0.1,localhost,${no_proxy:-${NO_PROXY:-}}"
if can_start_engine; then engine=yes; else engine=no; fi
say "checking types, style, generated files and units"
npm run --silent check || failures+=("npm run check")
if [[ $engine == yes ]]; then
  say "running the demo"
  bash install/demo.sh --check >>"$LOG" 2>&1 || failures+=("npm run demo -- --check, its output is in $LOG")
  say "running the live tests"
  npm run --silent test:live || failures+=("the live tests")
  say "running the installation tests: releases, and hosts with systemd on x86-64 and arm64"
  npm run --silent test:install || failures+=("the installation tests")
else
  say "LEFT OUT because no Docker engine can be had here: test/contract, test/live, test/engine, test/registry, test/systemd, the demo"
  failures+=("no Docker engine: test/contract, test/live, test/engine, test/registry, test/systemd and the demo were left out")
  node --test "test/release/**/*.test.ts" || failures+=("the tests of the release")
  node --test "test/servers/**/*.test.ts" || failures+=("the tests of the test servers")
fi
if ((${#failures[@]} > 0)); then
  for failure in "${failures[@]}"; do printf 'test: FAILED: %s\n' "$failure" >&2; done
  exit 1
fi
rm -f "$LOG"
