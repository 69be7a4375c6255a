#!/usr/bin/env bash
# Unpacks, beside the installed Alertmanager, the one of another Debian release: receivers are tried on both.
# Usage: unpack-alertmanager.sh CACHE LOG; run by install.sh, which holds the lock.
set -euo pipefail

readonly CACHE="$1" LOG="$2" WANTED=0.28.1 SUITE=trixie
readonly TARGET="$CACHE/alertmanager-$WANTED"

say() { printf 'install: %s\n' "$*"; }
run() { "$@" >>"$LOG" 2>&1; }

if [[ -x $TARGET/prometheus-alertmanager ]]; then exit 0; fi
# shellcheck source=/dev/null
. /etc/os-release
if [[ $ID != debian ]]; then
  say "leaving out Alertmanager $WANTED: it is unpacked from Debian packages only"
  exit 0
fi
say "unpacking Alertmanager $WANTED into $TARGET"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/parts"
chmod 755 "$work"
printf '%s\n' 'Types: deb' 'URIs: http://deb.debian.org/debian' "Suites: $SUITE" 'Components: main' \
  'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$work/parts/suite.sources"
# A private apt state keeps the suite away from the machine's own package lists.
apt=(apt-get -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work" -o Dir::Etc::sourcelist=/dev/null
  -o "Dir::Etc::sourceparts=$work/parts" -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root)
if run "${apt[@]}" update && (cd "$work" && run "${apt[@]}" download prometheus-alertmanager) &&
  run dpkg -x "$work"/prometheus-alertmanager_*.deb "$work/root" &&
  "$work/root/usr/bin/prometheus-alertmanager" --version 2>&1 | grep -q "version $WANTED"; then
  mkdir -p "$TARGET"
  install -m 755 "$work/root/usr/bin/prometheus-alertmanager" "$TARGET/prometheus-alertmanager"
else
  say "leaving out Alertmanager $WANTED: $SUITE does not offer it, tests run with the installed one only"
fi
