#!/usr/bin/env bash
# `npm run bench`: sets up what is missing, builds the program and measures it beside what a user would write instead.
# Needs what the live tests need: root on Debian or Ubuntu, where a Docker engine can be started. Arguments go to
# test/bench/bench.ts: --json FILE, --stacks N, --quick, --polls N (at the real interval; 100 take 17 minutes).
# With `git` as the first argument the way to a repository is measured: no engine, and no program of ours but its source.
# With `drift` it is what seeing and mending drift costs, with `review` what planning a pull request does; no engine runs then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# npm writes this file last, so an interrupted installation is done again.
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
  npm ci --no-audit --no-fund >&2
  touch node_modules/.package-lock.json
fi
export PATH="$PWD/node_modules/.bin:$PATH:/usr/sbin:/sbin"
if [[ ${1:-} != git ]]; then
  bash test/engine/install.sh
  npm run --silent build
fi
exec node test/bench/bench.ts "$@"
