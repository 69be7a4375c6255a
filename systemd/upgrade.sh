#!/bin/sh
# Puts in place what the agent has fetched for its own upgrade (`agent` in fleet.yaml), and takes it back when it does not get ready.
# It is no part of the executable on purpose: it has to work when the new executable cannot even be started. `swap` runs before each
# start of the agent, outside of the agent's sandbox; `watch` runs beside a version on trial. Every step may be the last one before a
# power cut: the next `swap` goes on from there.
set -eu
umask 022

readonly LIBRARY=/usr/local/lib/holdfast
readonly PROGRAM=$LIBRARY/holdfast
readonly UNIT=holdfast.service
# Left by the agent: `candidate`, and `staged`, which tells of it: its SHA-256, the entry of fleet.yaml, its version, the version before.
# Becomes `trial`, which the new version removes when it has reconciled once, or `failed`, with the reason as a fifth line.
readonly PLACE=/var/lib/holdfast/upgrade
# A crash or a power cut may be an accident. Twice is none.
readonly STARTS=2
readonly SECONDS_TO_GET_READY="${TRIAL_SECONDS:-120}"

say() { printf 'upgrade: %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }
line() { sed -n "$2p" "$1"; }
sum_of() { sha256sum "$1" | cut -d ' ' -f 1; }
flush() { sync "$1" 2>/dev/null || sync; }
is_trial() { [ -f "$PLACE/trial" ] && [ "$(line "$PLACE/trial" 1)" = "$1" ]; }

# A file of PLACE becomes `failed`: give_up FILE REASON
give_up() {
  { sed -n 1,4p "$PLACE/$1" && printf '%s\n' "$2"; } >"$PLACE/failed.new"
  flush "$PLACE/failed.new"
  mv -f "$PLACE/failed.new" "$PLACE/failed"
  rm -f "$PLACE/$1" "$PLACE/starts" "$PLACE/candidate"
}

begin_trial() {
  expected=$(line "$PLACE/staged" 1)
  cp "$PLACE/candidate" "$PROGRAM.new"
  chmod 755 "$PROGRAM.new"
  flush "$PROGRAM.new"
  if [ "$(sum_of "$PROGRAM.new")" != "$expected" ]; then
    rm -f "$PROGRAM.new"
    give_up staged "its SHA-256 was right when it was fetched, and is wrong now: is the disk damaged?"
    return 0
  fi
  # A link, so that there is no moment without an executable.
  ln -f "$PROGRAM" "$PROGRAM.previous"
  printf '0\n' >"$PLACE/starts"
  mv -f "$PLACE/staged" "$PLACE/trial"
  mv -f "$PROGRAM.new" "$PROGRAM"
  if has restorecon; then restorecon "$PROGRAM" || true; fi
  rm -f "$PLACE/candidate" "$PLACE/failed"
  say "version $(line "$PLACE/trial" 3) takes the place of $(line "$PLACE/trial" 4)"
}

take_back() {
  say "version $(line "$PLACE/trial" 3) does not get ready: $1; $(line "$PLACE/trial" 4) comes back"
  # Two names of one file, which mv does not take, when the power went before the new one was in place.
  if cmp -s "$PROGRAM.previous" "$PROGRAM"; then
    rm -f "$PROGRAM.previous"
  elif [ -f "$PROGRAM.previous" ]; then
    mv -f "$PROGRAM.previous" "$PROGRAM"
  fi
  give_up trial "$1"
}

count_start() {
  starts=$(cat "$PLACE/starts" 2>/dev/null || true)
  if [ "${starts:-0}" -ge "$STARTS" ]; then
    take_back "it ended $STARTS times before its first reconciliation had finished"
    return 0
  fi
  printf '%s\n' "$((${starts:-0} + 1))" >"$PLACE/starts"
  # It cannot be a child of the service: it has to outlive it.
  systemd-run --quiet --collect --unit=holdfast-trial --description="Watches a new version of Holdfast" \
    --setenv="TRIAL_SECONDS=$SECONDS_TO_GET_READY" "$LIBRARY/upgrade.sh" watch "$(line "$PLACE/trial" 1)" 2>/dev/null || true
}

swap() {
  if [ ! -f "$PLACE/trial" ] && [ -f "$PLACE/staged" ]; then begin_trial; fi
  if [ -f "$PLACE/trial" ]; then count_start; fi
}

property() { systemctl show --property="$1" --value "$UNIT"; }

watch() { # SHA256
  waited=0
  while [ "$waited" -lt "$SECONDS_TO_GET_READY" ]; do
    is_trial "$1" || return 0
    sleep 1
    waited=$((waited + 1))
  done
  # Stopped by somebody, the trial goes on at the next start. With a timer, what has ended has had its chance.
  if [ "$(property ActiveState)" = inactive ] && [ "$(property Type)" != oneshot ]; then return 0; fi
  systemctl stop "$UNIT"
  # It may have got ready at the last moment.
  if is_trial "$1"; then take_back "its first reconciliation had not finished after $SECONDS_TO_GET_READY seconds"; fi
  systemctl --no-block start "$UNIT"
}

case ${1-} in
  swap) swap ;;
  watch) watch "${2-}" ;;
  *)
    printf 'upgrade.sh belongs to %s\n' "$UNIT" >&2
    exit 1
    ;;
esac
