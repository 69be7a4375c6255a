#!/usr/bin/env bash
# Installs what the tests need to start real servers, from the distribution's own packages. Run as root, as often as
# you like: when nothing is missing it only looks. No service is started or enabled.
set -euo pipefail

readonly CACHE="${HOLDFAST_TEST_CACHE:-/var/cache/holdfast-test}"
readonly LOG="$CACHE/install.log"
# The newest Compose whose Debian package can be unpacked on Debian 12; tests run it beside the installed one.
readonly NEW_COMPOSE_VERSION=2.40.3
readonly NEW_COMPOSE_SUITE=forky
# The architecture that Holdfast is released for and this machine is not.
FOREIGN=aarch64
if [[ $(uname -m) == aarch64 ]]; then FOREIGN=x86_64; fi
readonly FOREIGN
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
log_begun=no

say() { printf 'install: %s\n' "$*"; }
fail() {
  printf 'install: %s\n' "$*" >&2
  if [[ $log_begun == yes && -s $LOG ]]; then printf 'install: the log is %s\n' "$LOG" >&2; fi
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }
run() { "$@" >>"$LOG" 2>&1; }

find_compose_plugin() {
  local folder
  for folder in /usr/local/lib/docker/cli-plugins /usr/local/libexec/docker/cli-plugins \
    /usr/libexec/docker/cli-plugins /usr/lib/docker/cli-plugins; do
    if [[ -x $folder/docker-compose ]]; then
      printf '%s\n' "$folder/docker-compose"
      return 0
    fi
  done
  return 1
}

find_http_backend() { [[ -x "$(git --exec-path 2>/dev/null)/git-http-backend" ]]; }

# Debian 12 packages Docker 20.10 and Compose 1: trixie has the oldest pair that is worth supporting. Priority 100 keeps
# everything else on the machine's own release.
add_trixie_source() {
  local source=/etc/apt/sources.list.d/holdfast-test-trixie.sources
  if [[ -e $source ]]; then return 0; fi
  say "adding Debian trixie as a second package source (pin priority 100)"
  printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' >/etc/apt/preferences.d/holdfast-test
  printf '%s\n' 'Types: deb' 'URIs: http://deb.debian.org/debian' 'Suites: trixie' 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$source"
}

list_missing_packages() {
  local from="" compose=docker-compose
  if [[ $ID == debian && $VERSION_CODENAME == bookworm ]]; then from=/trixie; fi
  if [[ $ID == ubuntu ]]; then compose=docker-compose-v2; fi
  if ! has dockerd || ! find_compose_plugin >/dev/null; then
    printf '%s\n' "docker.io$from" "$compose$from" containerd runc
    # Ubuntu's docker.io brings the client along.
    if [[ $ID == debian ]]; then printf '%s\n' "docker-cli$from"; fi
  fi
  has iptables || echo iptables
  has ip || echo iproute2
  has nsenter || echo util-linux
  has busybox || echo busybox-static
  has debootstrap || echo debootstrap
  has openssl || echo openssl
  has git || echo git
  has ssh-keygen || echo openssh-client
  has sshd || echo openssh-server
  has gpg || echo gnupg
  has gpgv || echo gpgv
  has prometheus-alertmanager || echo prometheus-alertmanager
  has docker-registry || echo docker-registry
  has shellcheck || echo shellcheck
  has zsh || echo zsh
  has fish || echo fish
  has man || echo man-db
  has mmdebstrap || echo mmdebstrap
  # Runs executables of the other architecture.
  has "qemu-$FOREIGN-static" || echo qemu-user-static
}

# Packages start their services when installed unless this file says no; a machine's own file stays as it is.
forbid_service_starts() {
  if [[ -e /usr/sbin/policy-rc.d ]]; then return 0; fi
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

# A service that a test tool brought along must not come up at the next boot either.
disable_new_services() {
  local unit
  if ! has systemctl || [[ ! -d /run/systemd/system ]]; then return 0; fi
  for unit in "$@"; do run systemctl disable "$unit" || true; done
}

install_packages() {
  local packages=("$@") docker_is_new=no
  if [[ " ${packages[*]} " == *" docker.io"* ]]; then docker_is_new=yes; fi
  say "installing ${packages[*]}"
  forbid_service_starts
  run apt-get -o DPkg::Lock::Timeout=300 update || fail "apt-get update failed: is the package mirror reachable?"
  run apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${packages[@]}" ||
    fail "apt-get could not install: ${packages[*]}"
  if [[ $docker_is_new == yes ]]; then disable_new_services docker.service docker.socket containerd.service; fi
  if [[ " ${packages[*]} " == *" openssh-server "* ]]; then disable_new_services ssh.service ssh.socket; fi
  if [[ " ${packages[*]} " == *" prometheus-alertmanager "* ]]; then disable_new_services prometheus-alertmanager.service; fi
  if [[ " ${packages[*]} " == *" docker-registry "* ]]; then disable_new_services docker-registry.service; fi
}

# Has the kernel start programs of the other architecture under qemu, in containers as well; until the next boot, and only where
# nobody has done so.
register_qemu() {
  local folder=/proc/sys/fs/binfmt_misc
  if [[ ! -e $folder/register ]]; then
    run mount -t binfmt_misc binfmt_misc "$folder" || fail "the kernel does not take other architectures (binfmt_misc)"
  fi
  if [[ -e $folder/qemu-$FOREIGN ]]; then return 0; fi
  say "having the kernel start programs for $FOREIGN under qemu"
  cat "/usr/lib/binfmt.d/qemu-$FOREIGN.conf" >"$folder/register" || fail "qemu cannot be registered with the kernel"
}

# Unpacked, not installed: a private apt state keeps the suite away from the machine's own package lists.
unpack_new_compose() {
  local target="$CACHE/compose-$NEW_COMPOSE_VERSION" work
  if [[ -x $target/docker-compose ]]; then return 0; fi
  if [[ $ID != debian ]]; then
    say "leaving out Compose $NEW_COMPOSE_VERSION: it is unpacked from Debian packages only"
    return 0
  fi
  say "unpacking Compose $NEW_COMPOSE_VERSION into $target"
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/parts"
  chmod 755 "$work"
  printf '%s\n' 'Types: deb' 'URIs: http://deb.debian.org/debian' "Suites: $NEW_COMPOSE_SUITE" 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$work/parts/suite.sources"
  local apt=(apt-get -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work" -o Dir::Etc::sourcelist=/dev/null
    -o "Dir::Etc::sourceparts=$work/parts" -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root)
  if run "${apt[@]}" update && (cd "$work" && run "${apt[@]}" download docker-compose) &&
    run dpkg -x "$work"/docker-compose_*.deb "$work/root" &&
    [[ $("$work/root/usr/libexec/docker/cli-plugins/docker-compose" version --short 2>/dev/null) == "$NEW_COMPOSE_VERSION"* ]]; then
    mkdir -p "$target"
    install -m 755 "$work/root/usr/libexec/docker/cli-plugins/docker-compose" "$target/docker-compose"
  else
    say "leaving out Compose $NEW_COMPOSE_VERSION: $NEW_COMPOSE_SUITE does not offer it, tests run with the installed one only"
  fi
  rm -rf "$work"
}

main() {
  [[ $(uname -s) == Linux ]] || fail "the live tests need Linux"
  [[ $EUID -eq 0 ]] || fail "run this as root: packages, network namespaces and a Docker engine need it"
  mkdir -p "$CACHE"
  exec 9>"$CACHE/install.lock"
  flock 9 # test runs at the same time would stop at each other's apt locks
  : >"$LOG"
  log_begun=yes
  # shellcheck source=/dev/null
  . /etc/os-release
  : "${VERSION_CODENAME:=}"
  local missing=()
  mapfile -t missing < <(list_missing_packages)
  if ((${#missing[@]} > 0)); then
    has apt-get || fail "missing: ${missing[*]}; only Debian and Ubuntu are installed automatically"
    if printf '%s\n' "${missing[@]}" | grep -q /trixie; then add_trixie_source; fi
    install_packages "${missing[@]}"
  fi
  local tool
  for tool in dockerd containerd runc docker iptables ip nsenter busybox git sshd gpg gpgv prometheus-alertmanager docker-registry; do
    has "$tool" || fail "missing after the installation: $tool"
  done
  find_compose_plugin >/dev/null || fail "missing after the installation: the docker compose plugin"
  find_http_backend || fail "missing after the installation: git http-backend"
  register_qemu
  unpack_new_compose
}

main "$@"
