#!/usr/bin/env bash
# `npm run demo`: installs what is missing, then shows what Holdfast does, on a Docker engine of its own.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

LOG=$(mktemp "${TMPDIR:-/tmp}/holdfast-demo.XXXXXX")
readonly LOG

say() { printf 'demo: %s\n' "$*"; }
stop() {
  printf 'demo: %s\n' "$*" >&2
  [[ -s $LOG ]] || rm -f "$LOG"
  exit 1
}

[[ $(uname -s) == Linux ]] || stop "the demo needs Linux"
# shellcheck source=install/demo/ensure-node-modules.sh
. install/demo/ensure-node-modules.sh
ensure_node_modules
if [[ " $* " != *" --help "* && " $* " != *" -h "* ]]; then
  ((EUID == 0)) || stop "run this as root: it starts a Docker engine in a network namespace"
  bash test/engine/install.sh || stop "what the demo needs could not be installed"
  node install/build.ts >>"$LOG" 2>&1 || stop "the program could not be built, see $LOG"
fi
rm -f "$LOG"
# Not on a screen of any other width: the picture's lines are those of the terminal.
draw_picture() {
  local picture=$1 directory status
  directory=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-demo.XXXXXX")
  env -u NO_COLOR TERM=xterm-256color script --quiet --return --command \
    "stty cols 100 rows 40; exec node install/demo/main.ts --check" "$directory/capture"
  status=$?
  if ((status == 0)); then
    node install/demo/draw-picture.ts "2/5 A pushed change" "pihole: service-missing (healed)" \
      "A pushed change replaces one container; a removed container comes back" \
      <"$directory/capture" >"$directory/picture" && cp "$directory/picture" "$picture"
    status=$?
  fi
  rm -rf "$directory"
  return "$status"
}
if [[ ${1-} == --picture ]]; then
  (($# == 2)) || stop "say where the picture goes: npm run demo -- --picture docs/demo.svg"
  draw_picture "$2"
  exit
fi
# Replaced by the demo, which then gets the terminal's and the service manager's signals itself.
exec node install/demo/main.ts "$@"
