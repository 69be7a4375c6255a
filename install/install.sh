#!/bin/sh
# Puts Holdfast on this host, upgrades it or removes it. `sh install.sh --help` says how; docs/getting-started.md says more.
# Nothing is changed before everything that is needed has been found; what is done is said.
set -eu
umask 022

readonly LIBRARY=/usr/local/lib/holdfast
readonly PROGRAM=/usr/local/bin/holdfast
readonly UNITS=/etc/systemd/system
readonly CONFIGURATION=/etc/holdfast/agent.yaml
readonly STATE=/var/lib/holdfast
readonly GROUP=holdfast
readonly UNIT=holdfast.service
readonly TIMER=holdfast.timer
readonly DROP_IN=holdfast.service.d/timer.conf

usage() {
  cat <<'TEXT'
Puts Holdfast on this host. Run it as root, as often as you like: what is there stays as it is.

  sh install.sh [--from FILE | --url URL] [SETTINGS]   installs, or upgrades and goes back if that does not work
  sh install.sh --uninstall                            removes it; containers, data and configuration stay

  --from FILE           the executable, or holdfast-PLATFORM.gz, for hosts without a network; by default the one beside this script
  --url URL             where a release lies: SHA256SUMS, holdfast-linux-x64.gz, holdfast-linux-arm64.gz
  --sha256 HEX          the SHA-256 of the executable; by default SHA256SUMS beside it says it
  --timer               no agent that stays: a systemd timer reconciles every five minutes
  --no-timer            back to the agent
  --no-checks           installs although `holdfast doctor` finds something wrong
  --no-start            puts everything in place and starts nothing
  --ready-timeout SECS  how long the first reconciliation may take before a new version counts as bad; by default 120

Settings are written to /etc/holdfast/agent.yaml when there is none:

  --host NAME           the file hosts/NAME.yaml; by default the machine's name
  --repository URL      https://…, ssh://…, git@HOST:PATH, file://…
  --branch NAME         by default main; or --tag PATTERN, the highest version that fits
  --path DIRECTORY      the desired state in it; by default desired-state
  --username NAME, --token-file FILE
  --ssh-key-file FILE, --known-hosts-file FILE
  --ca-file FILE
  --allowed-signers FILE, --gpg-keyring FILE
TEXT
}

say() { printf '%s\n' "$*"; }
step() { printf -- '- %s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# units: begin
# `npm run release` writes the units into this script; from the repository they are read where they lie.
unit_text() { cat "$(dirname "$0")/../systemd/$1"; }
# units: end

# ---------------------------------------------------------------------------------------------------- arguments

from='' url='' sha256='' action=install timer=keep checks=yes start=yes ready_timeout=120
host='' repository='' branch='' tag='' path='' username='' token_file='' ssh_key_file='' known_hosts_file='' ca_file='' allowed_signers=''
gpg_keyring=''

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --uninstall) action=uninstall ;;
      --timer) timer=yes ;;
      --no-timer) timer=no ;;
      --no-checks) checks=no ;;
      --no-start) start=no ;;
      -h | --help)
        usage
        exit 0
        ;;
      --from | --url | --sha256 | --ready-timeout | --host | --repository | --branch | --tag | --path | --username | --token-file | --ssh-key-file | \
        --known-hosts-file | --ca-file | --allowed-signers | --gpg-keyring)
        [ $# -ge 2 ] || fail "$1 needs a value"
        [ -n "$2" ] || fail "the value of $1 is empty"
        set_option "$1" "$2"
        shift
        ;;
      *) fail "there is no option $1" "sh install.sh --help lists them" ;;
    esac
    shift
  done
  [ -z "$from" ] || [ -z "$url" ] || fail "--from and --url exclude each other"
  [ -z "$branch" ] || [ -z "$tag" ] || fail "--branch and --tag exclude each other"
}

set_option() {
  case $1 in
    --from) from=$2 ;;
    --url) url=${2%/} ;;
    --sha256) sha256=$2 ;;
    --ready-timeout) ready_timeout=$2 ;;
    --host) host=$2 ;;
    --repository) repository=$2 ;;
    --branch) branch=$2 ;;
    --tag) tag=$2 ;;
    --path) path=$2 ;;
    --username) username=$2 ;;
    --token-file) token_file=$(absolute "$2") ;;
    --ssh-key-file) ssh_key_file=$(absolute "$2") ;;
    --known-hosts-file) known_hosts_file=$(absolute "$2") ;;
    --ca-file) ca_file=$(absolute "$2") ;;
    --allowed-signers) allowed_signers=$(absolute "$2") ;;
    --gpg-keyring) gpg_keyring=$(absolute "$2") ;;
  esac
}

absolute() {
  case $1 in
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$(pwd)" "$1" ;;
  esac
}

# ---------------------------------------------------------------------------------------------------- what is needed

missing=''
need() { missing="$missing
$1"; }

# Everything at once, so that nobody has to come back for the next thing.
check_host() {
  [ "$(uname -s)" = Linux ] || need "Linux; this is $(uname -s)"
  [ "$(id -u)" = 0 ] || need "root: run it with sudo"
  [ -d /run/systemd/system ] || need "systemd as the init of this host"
  for tool in systemctl sha256sum install mktemp sed cmp getent groupadd; do
    has "$tool" || need "the command $tool"
  done
  for file in "$token_file" "$ssh_key_file" "$known_hosts_file" "$ca_file" "$allowed_signers" "$gpg_keyring"; do
    [ -z "$file" ] || [ -f "$file" ] || need "the file $file, which was named"
  done
  stop_if_missing
}

stop_if_missing() {
  [ -n "$missing" ] || return 0
  printf 'install.sh: nothing has been changed. Missing:%s\n' "$(printf '%s' "$missing" | sed 's/^./  &/')" >&2
  exit 1
}

find_platform() {
  case $(uname -m) in
    x86_64 | amd64) platform=linux-x64 ;;
    aarch64 | arm64) platform=linux-arm64 ;;
    *) fail "there is no Holdfast for $(uname -m), only for x86-64 and arm64" ;;
  esac
}

# ---------------------------------------------------------------------------------------------------- the executable

work=''
cleanup() { [ -z "$work" ] || rm -rf "$work"; }

# On the file system where the executable will stand: it is moved there in one step, and /tmp may forbid to run anything.
make_work() {
  mkdir -p "${LIBRARY%/*}"
  work=$(mktemp -d "${LIBRARY%/*}/.holdfast-install.XXXXXX")
  trap cleanup EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

fetch() {
  if has curl; then
    curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
  else
    wget --quiet --output-document="$2" "$1"
  fi
}

# Leaves the executable as $work/holdfast, and what it should be as $expected.
get_executable() {
  expected=$sha256
  if [ -n "$url" ]; then
    has curl || has wget || fail "--url needs curl or wget" "without them: fetch the release elsewhere, and give it with --from"
    case $url in
      http://*) [ -n "$sha256" ] || fail "$url is not protected by TLS" "use https, or say what should come with --sha256" ;;
    esac
    say "Fetching holdfast-$platform from $url"
    [ -n "$expected" ] || fetch "$url/SHA256SUMS" "$work/SHA256SUMS" || fail "$url/SHA256SUMS cannot be fetched"
    if has gzip; then
      fetch "$url/holdfast-$platform.gz" "$work/holdfast.gz" || fail "$url/holdfast-$platform.gz cannot be fetched"
      gzip -dc "$work/holdfast.gz" >"$work/holdfast" || fail "$url/holdfast-$platform.gz is damaged"
    else
      fetch "$url/holdfast-$platform" "$work/holdfast" || fail "$url/holdfast-$platform cannot be fetched"
    fi
    sums=$work/SHA256SUMS
  else
    [ -n "$from" ] || from=$(dirname "$0")/holdfast-$platform
    [ -f "$from" ] || fail "there is no $from" "say with --from where the executable is, or with --url where a release lies"
    case $from in
      *.gz) gzip -dc "$from" >"$work/holdfast" || fail "$from is damaged, or gzip is missing" ;;
      *) cp "$from" "$work/holdfast" ;;
    esac
    sums=$(dirname "$from")/SHA256SUMS
  fi
  [ -n "$expected" ] || expected=$(find_sum "$sums")
  [ -n "$expected" ] || fail "nothing says what the SHA-256 of holdfast-$platform should be" \
    "put SHA256SUMS of the release beside it, or give it with --sha256"
  found=$(sum_of "$work/holdfast")
  [ "$found" = "$expected" ] || fail "the executable is damaged, or not the one that was meant; nothing has been changed" \
    "its SHA-256:  $found" "it should be:  $expected"
  chmod 755 "$work/holdfast"
  version=$("$work/holdfast" version) ||
    fail "the executable does not run here" "it needs glibc 2.28 and libstdc++ 6 as in Debian 10, Ubuntu 20.04 or RHEL 8, or newer"
}

find_sum() { [ ! -f "$1" ] || sed -n "s/^\([0-9a-f]\{64\}\) [ *]holdfast-$platform\$/\1/p" "$1"; }
sum_of() { sha256sum "$1" | cut -d ' ' -f 1; }

# ---------------------------------------------------------------------------------------------------- the configuration

# A value in YAML, whatever is in it.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"; }
setting() { [ -z "$2" ] || printf '%s%s: %s\n' "$3" "$1" "$(quoted "$2")"; }

describe_configuration() {
  say "# What each key means: docs/getting-started.md and docs/commands.md of Holdfast."
  setting host "$host" ''
  say "repository:"
  setting url "$repository" '  '
  setting branch "$branch" '  '
  setting tag "$tag" '  '
  setting path "$path" '  '
  setting username "$username" '  '
  setting tokenFile "$token_file" '  '
  setting sshKeyFile "$ssh_key_file" '  '
  setting knownHostsFile "$known_hosts_file" '  '
  setting caFile "$ca_file" '  '
  setting allowedSigners "$allowed_signers" '  '
  setting gpgKeyring "$gpg_keyring" '  '
}

prepare_configuration() {
  if [ -f "$CONFIGURATION" ]; then
    for value in "$host" "$repository" "$branch" "$tag" "$path" "$username" "$token_file" "$ssh_key_file" "$known_hosts_file" \
      "$ca_file" "$allowed_signers" "$gpg_keyring"; do
      [ -z "$value" ] || {
        say "$CONFIGURATION is there and stays as it is: edit it, what was given here is not written."
        break
      }
    done
    return 0
  fi
  if [ -z "$repository" ] && [ -t 0 ]; then
    printf 'Address of the Git repository: '
    read -r repository
    printf 'Name of this host in it [%s]: ' "$(uname -n | cut -d . -f 1 | tr '[:upper:]' '[:lower:]')"
    read -r host
  fi
  [ -n "$repository" ] || need "--repository, because there is no $CONFIGURATION yet"
  stop_if_missing
  describe_configuration >"$work/agent.yaml"
}

# The new executable says itself what it misses on this host.
check_configuration() {
  [ -f "$work/agent.yaml" ] || return 0
  if ! "$work/holdfast" doctor --config "$work/agent.yaml" >"$work/doctor" 2>&1; then
    sed "s|$work/agent.yaml|$CONFIGURATION|" "$work/doctor" >&2
    [ "$checks" = no ] || fail "nothing has been changed: holdfast doctor found errors" \
      "mend them and run this again, or install all the same with --no-checks"
  fi
}

# ---------------------------------------------------------------------------------------------------- putting in place

changed=no reload=no upgraded=no

# Keeps what is about to be replaced or removed: keep FILE
keep() {
  mkdir -p "$work/before$(dirname "$1")"
  if [ -f "$1" ]; then cp -p "$1" "$work/before$1"; fi
  printf '%s\n' "$1" >>"$work/touched"
}

put_unit() { # NAME FILE WHAT
  unit_text "$1" >"$work/unit"
  if cmp -s "$work/unit" "$2"; then return 0; fi
  keep "$2"
  mkdir -p "$(dirname "$2")"
  install -m 644 "$work/unit" "$2"
  step "$2: $3"
  changed=yes reload=yes
}

drop_unit() { # FILE
  [ -f "$1" ] || return 0
  keep "$1"
  rm -f "$1"
  step "$1: removed"
  changed=yes reload=yes
}

put_units() {
  put_unit "$UNIT" "$UNITS/$UNIT" "runs the agent, and starts it again when it fails"
  if [ "$timer" = yes ]; then
    put_unit holdfast-timer.conf "$UNITS/$DROP_IN" "makes it one reconciliation"
    put_unit "$TIMER" "$UNITS/$TIMER" "starts it every five minutes"
  else
    if [ -f "$UNITS/$TIMER" ]; then systemctl --quiet disable --now "$TIMER"; fi
    drop_unit "$UNITS/$TIMER"
    drop_unit "$UNITS/$DROP_IN"
    rmdir "$UNITS/${DROP_IN%/*}" 2>/dev/null || true
  fi
}

put_executable() {
  if [ -f "$LIBRARY/holdfast" ] && [ "$(sum_of "$LIBRARY/holdfast")" = "$expected" ]; then return 0; fi
  mkdir -p "$LIBRARY" "${PROGRAM%/*}"
  chmod 755 "$LIBRARY"
  if [ -f "$LIBRARY/holdfast" ]; then
    # A link, so that there is no moment without an executable.
    ln -f "$LIBRARY/holdfast" "$LIBRARY/holdfast.previous"
    upgraded=yes
  fi
  # What the agent may have been about to do by itself is superseded.
  rm -rf "$STATE/upgrade"
  mv -f "$work/holdfast" "$LIBRARY/holdfast"
  if has restorecon; then restorecon "$LIBRARY/holdfast" || true; fi
  step "$LIBRARY/holdfast: the executable"
  changed=yes
}

put_upgrader() {
  unit_text upgrade.sh >"$work/upgrade.sh"
  if cmp -s "$work/upgrade.sh" "$LIBRARY/upgrade.sh"; then return 0; fi
  keep "$LIBRARY/upgrade.sh"
  # In one step: it may be running.
  chmod 755 "$work/upgrade.sh"
  mv -f "$work/upgrade.sh" "$LIBRARY/upgrade.sh"
  step "$LIBRARY/upgrade.sh: puts in place what the agent fetches for its own upgrade, and takes it back"
  changed=yes
}

put_link() {
  [ "$(readlink "$PROGRAM" 2>/dev/null)" != "$LIBRARY/holdfast" ] || return 0
  ln -sfn "$LIBRARY/holdfast" "$PROGRAM"
  step "$PROGRAM: a link to it"
}

put_group() {
  if getent group "$GROUP" >/dev/null; then return 0; fi
  groupadd --system "$GROUP"
  step "group $GROUP: its members may use holdfast status and sync without being root"
}

put_configuration() {
  for directory in /etc/holdfast /etc/holdfast/env; do
    [ -d "$directory" ] || install -d -m 750 -g "$GROUP" "$directory"
  done
  [ -f "$work/agent.yaml" ] || return 0
  install -m 640 -g "$GROUP" "$work/agent.yaml" "$CONFIGURATION"
  step "$CONFIGURATION: the configuration, which is yours to edit"
  changed=yes
}

# ---------------------------------------------------------------------------------------------------- starting

enable_units() {
  if [ "$reload" = yes ]; then systemctl daemon-reload; fi
  if [ "$timer" = yes ]; then
    systemctl --quiet disable "$UNIT"
    systemctl --quiet enable "$TIMER"
  else
    systemctl --quiet enable "$UNIT"
  fi
}

is_running() {
  if [ "$timer" = yes ]; then systemctl --quiet is-active "$TIMER"; else systemctl --quiet is-active "$UNIT"; fi
}

# Ready is what has reconciled once since it was started; how that went is up to the repository, not to this version.
start_and_wait() {
  if [ "$timer" = yes ]; then start_timer; else start_agent; fi
}

start_timer() {
  systemctl stop "$UNIT"
  systemctl start "$UNIT" || true
  # 1: it has ended by itself, with one of the exit codes of `holdfast once`.
  [ "$(systemctl show --property=ExecMainCode --value "$UNIT")" = 1 ] || return 1
  case $(systemctl show --property=ExecMainStatus --value "$UNIT") in
    0 | 1 | 3) systemctl start "$TIMER" ;;
    *) return 1 ;;
  esac
}

start_agent() {
  systemctl stop "$UNIT"
  systemctl reset-failed "$UNIT" 2>/dev/null || true
  systemctl start "$UNIT" || return 1
  seconds=0
  while [ "$seconds" -lt "$ready_timeout" ]; do
    [ "$(systemctl show --property=NRestarts --value "$UNIT")" = 0 ] || return 1
    if "$PROGRAM" status --output json 2>/dev/null | grep -q '^  "last": {'; then return 0; fi
    sleep 1
    seconds=$((seconds + 1))
  done
  return 1
}

show_log() {
  say "The last lines of its log (journalctl --unit $UNIT):" >&2
  journalctl --unit "$UNIT" --lines 10 --no-pager --output cat >&2 || true
}

# The executable and the units that were there before.
go_back() {
  show_log
  say "Going back to the version from before" >&2
  mv -f "$LIBRARY/holdfast.previous" "$LIBRARY/holdfast"
  if [ -f "$work/touched" ]; then
    while read -r file; do
      if [ -f "$work/before$file" ]; then mkdir -p "$(dirname "$file")" && cp -p "$work/before$file" "$file"; else rm -f "$file"; fi
    done <"$work/touched"
  fi
  reload=yes
  if [ -f "$UNITS/$TIMER" ]; then timer=yes; else timer=no; fi
  enable_units
  start_and_wait || fail "version ${version%% *} does not get ready, and the one from before does not either" "holdfast doctor says more"
  fail "version ${version%% *} does not get ready here; $("$PROGRAM" --version) is back, and runs"
}

start_holdfast() {
  if [ "$start" = no ]; then
    say "Nothing was started: systemctl start $(if [ "$timer" = yes ]; then say "$TIMER"; else say "$UNIT"; fi)"
  elif [ "$changed" = no ] && is_running; then
    say "Holdfast ${version%% *} runs already; nothing was changed."
  else
    step "starting it, and waiting for its first reconciliation"
    if ! start_and_wait; then
      if [ "$upgraded" = yes ]; then go_back; fi
      show_log
      fail "Holdfast is in place, but does not get ready" "holdfast doctor says more; run this again when that is mended"
    fi
    say "Holdfast ${version%% *} runs: holdfast status"
  fi
}

install_holdfast() {
  find_platform
  if [ "$timer" = keep ]; then if [ -f "$UNITS/$TIMER" ]; then timer=yes; else timer=no; fi; fi
  check_host
  make_work
  get_executable
  prepare_configuration
  check_configuration
  say "Holdfast $version"
  put_group
  put_executable
  put_upgrader
  put_link
  put_configuration
  put_units
  enable_units
  start_holdfast
}

uninstall_holdfast() {
  check_host
  if [ -f "$UNITS/$TIMER" ]; then systemctl --quiet disable --now "$TIMER"; fi
  if [ -f "$UNITS/$UNIT" ]; then systemctl --quiet disable --now "$UNIT"; fi
  for file in "$UNITS/$TIMER" "$UNITS/$DROP_IN" "$UNITS/$UNIT" "$PROGRAM" "$LIBRARY/holdfast" "$LIBRARY/holdfast.previous" \
    "$LIBRARY/upgrade.sh"; do
    if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
    rm -f "$file"
    step "$file: removed"
  done
  rmdir "$UNITS/${DROP_IN%/*}" "$LIBRARY" 2>/dev/null || true
  systemctl daemon-reload
  say "Holdfast is removed. Containers run on, and what is theirs or yours stays:" \
    "/etc/holdfast (configuration), $STATE (the files that containers mount, and what was applied), /run/holdfast (until the next boot)."
}

parse_arguments "$@"
"${action}_holdfast"
