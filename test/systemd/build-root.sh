#!/usr/bin/env bash
# Builds the root file system of a small Debian with systemd, as a tar that an engine can import. Usage:
# build-root.sh TARGET.tar SUITE ARCHITECTURE. Does nothing when the file exists; it appears complete or not at all, also when
# several test files ask for it at once. Another architecture than the machine's runs under qemu, which test/engine/install.sh
# has registered with the kernel.
set -euo pipefail
export LC_ALL=C

readonly TARGET=$1 SUITE=$2 ARCHITECTURE=$3
exec 9>"$TARGET.lock"
flock 9
if [[ -e $TARGET ]]; then exit 0; fi
# apt would bring libstdc++ and passwd, as on every real host. Of Compose, trixie packages the oldest version that is supported;
# older releases get it from the machine.
packages=systemd,systemd-sysv,dbus,procps,passwd,libstdc++6
if [[ $SUITE != bookworm ]]; then packages+=,docker-compose; fi
variant=essential when=customize hooks=()
# Configuring packages under qemu takes minutes. Those of another architecture are only unpacked, with what their scripts would have
# made of the files that the tests meet.
if [[ $ARCHITECTURE != "$(dpkg --print-architecture)" ]]; then
  variant=extract when=extract
  packages+=,base-files,base-passwd,bash,coreutils,dash,debianutils,diffutils,findutils,grep,gzip,hostname,libc-bin,login,mount,sed,tar,util-linux
  for file in passwd group; do hooks+=("--extract-hook=cp \"\$1/usr/share/base-passwd/$file.master\" \"\$1/etc/$file\""); done
  hooks+=("--extract-hook=cp \"\$1/usr/share/libc-bin/nsswitch.conf\" \"\$1/etc/nsswitch.conf\""
    "--extract-hook=echo messagebus:x:100:100::/nonexistent:/usr/sbin/nologin >>\"\$1/etc/passwd\""
    "--extract-hook=rm -rf \"\$1/var/run\" && ln -s /run \"\$1/var/run\""
    "--extract-hook=echo messagebus:x:100: >>\"\$1/etc/group\"")
fi
# What a container cannot do is masked, so that every start ends in `running`.
for unit in systemd-modules-load.service systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket; do
  hooks+=("--$when-hook=ln -s /dev/null \"\$1/etc/systemd/system/$unit\"")
done
options=()
for folder in doc man info locale; do options+=("--dpkgopt=path-exclude=/usr/share/$folder/*"); done

trap 'rm -f "$TARGET.new" "$TARGET.log"' EXIT
# The check for qemu wants a package more to find out what is known here.
if ! mmdebstrap --variant=$variant --architectures="$ARCHITECTURE" --skip=check/qemu --format=tar --include="$packages" \
  "${options[@]}" "${hooks[@]}" "$SUITE" "$TARGET.new" http://deb.debian.org/debian >"$TARGET.log" 2>&1; then
  printf 'build-root: Debian %s for %s cannot be built\n' "$SUITE" "$ARCHITECTURE" >&2
  tail -5 "$TARGET.log" >&2
  exit 1
fi
mv "$TARGET.new" "$TARGET"
