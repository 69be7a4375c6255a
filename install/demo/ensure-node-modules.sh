# shellcheck shell=bash
# Sourced by demo.sh and test/run.sh from the repository's root: puts the pinned Node.js and the npm packages in place.
# The sourcing script defines `say`, `stop` and LOG, the file that takes the output of installations.

ensure_node_modules() {
  local oldest=20 version # the oldest that can install the pinned one
  command -v npm >/dev/null || stop "npm is missing: install Node.js $oldest or newer"
  version=$(node --version 2>/dev/null) || stop "node is missing: install Node.js $oldest or newer"
  version=${version#v}
  ((${version%%.*} >= oldest)) || stop "Node.js $version is too old: $oldest is the oldest that can install the pinned one"
  # npm writes this file last, so an interrupted installation is done again.
  if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
    say "installing the npm packages"
    npm ci --no-audit --no-fund >>"$LOG" 2>&1 || stop "npm ci failed, its output is in $LOG"
    touch node_modules/.package-lock.json
  fi
  export PATH="$PWD/node_modules/.bin:$PATH:/usr/sbin:/sbin"
  node --version >/dev/null 2>&1 || stop "the pinned Node.js in node_modules does not run here"
}
