#!/usr/bin/env bash
# Builds the root file system of a small Debian with systemd, as a tar that an engine can import. Usage:
# build-root.sh TARGET.tar SUITE ARCHITECTURE. Does nothing when the file exists; it appears complete or not at all, also when
# several test files ask for it at once. Another architecture than the machine's runs under qemu (see qemu.sh).
set -euo pipefail
export LC_ALL=C

readonly TARGET=$1 SUITE=$2 ARCHITECTURE=$3
exec 9>"$TARGET.lock"
flock 9
if [[ -e $TARGET ]]; then exit 0; fi
# Of Compose, trixie packages the oldest version that is supported; older releases get it from the machine.
packages=systemd,systemd-sysv,dbus,ca-certificates,procps
if [[ $SUITE != bookworm ]]; then packages+=,docker-compose; fi

WORK=$(mktemp -d "$(dirname "$TARGET")/root-XXXXXX")
readonly WORK
trap 'rm -rf "$WORK" "$TARGET.new"' EXIT
chmod 755 "$WORK"
if ! debootstrap --variant=minbase --arch="$ARCHITECTURE" --include="$packages" "$SUITE" "$WORK/root" \
  http://deb.debian.org/debian >"$WORK/log" 2>&1; then
  printf 'build-root: debootstrap %s %s failed\n' "$SUITE" "$ARCHITECTURE" >&2
  tail -5 "$WORK/log" >&2
  exit 1
fi
rm -rf "$WORK"/root/var/{cache/apt,lib/apt/lists}/* "$WORK"/root/usr/share/{doc,man,locale,info}
# What a container cannot do, so that every start ends in `running`.
for unit in systemd-modules-load systemd-udevd systemd-udevd-control.socket systemd-udevd-kernel.socket; do
  case $unit in *.*) ;; *) unit+=.service ;; esac
  ln -sfn /dev/null "$WORK/root/etc/systemd/system/$unit"
done
tar -C "$WORK/root" -cf "$TARGET.new" .
mv "$TARGET.new" "$TARGET"
