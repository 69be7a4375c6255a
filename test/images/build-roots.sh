#!/usr/bin/env bash
# Builds the file systems of the test images from the distribution's packages: one tar per family, each nothing but a
# few programs with the libraries they load. Usage: build-roots.sh TARGET_FOLDER NODE_BINARY. Does nothing when the
# folder exists; it appears complete or not at all, also when several test files ask for it at once.
set -euo pipefail
export LC_ALL=C

readonly FINAL=$1 NODE=$2
mkdir -p "$(dirname "$FINAL")"
exec 9>"$FINAL.lock"
flock 9
if [[ -d $FINAL ]]; then exit 0; fi
readonly PACKAGES=(busybox-static dnsmasq-base mariadb-client mariadb-server-core nginx-light libstdc++6 tini)
WORK=$(mktemp -d)
readonly WORK POOL="$WORK/pool" TARGET="$FINAL.new"
trap 'rm -rf "$WORK"' EXIT

fail() {
  printf 'build-roots: %s\n' "$*" >&2
  tail -5 "$WORK/log" >&2 || true
  exit 1
}

# Against an empty package database apt downloads the whole closure, libc included; the machine's own packages and
# their configuration are neither used nor changed.
download_packages() {
  mkdir -p "$WORK/archives/partial" "$POOL"
  : >"$WORK/status"
  apt-get -o "Dir::State::status=$WORK/status" -o "Dir::Cache=$WORK" -o "Dir::Cache::archives=$WORK/archives" \
    -o APT::Sandbox::User=root -o Debug::NoLocking=1 \
    install -y --download-only --no-install-recommends "${PACKAGES[@]}" >"$WORK/log" 2>&1 || return 1
  local package
  # /bin and /lib are links since Debian merged them into /usr; packages of older releases still name them.
  mkdir -p "$POOL"/usr/{bin,sbin,lib,lib64}
  for package in bin sbin lib lib64; do ln -s "usr/$package" "$POOL/$package"; done
  for package in "$WORK"/archives/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x -C "$POOL" --keep-directory-symlink; done
}

# Makes the folders that every image has, in /usr or not as the tiny busybox root has it.
create_skeleton() {
  local root=$1
  mkdir -p "$root"/{etc,root,run,tmp,home,opt,srv,var/{log,lib,cache,tmp}}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  chmod 700 "$root/root"
  ln -s /run "$root/var/run"
}

# Copies a program of the pool, the program interpreter and every library that it loads.
copy_program() {
  local root=$1 path=$2 library
  mkdir -p "$root/$(dirname "$path")"
  cp -L "$POOL/$path" "$root/$path"
  strip --strip-unneeded "$root/$path" 2>/dev/null || true
  # The pool's own interpreter lists them, so the machine's libraries are never picked up.
  for library in $(chroot "$POOL" "$INTERPRETER" --list "/$path" | grep -o '/[^ ]*') "$INTERPRETER"; do
    mkdir -p "$root$(dirname "$library")"
    [[ -e $root$library ]] || cp -L "$POOL$library" "$root$library"
  done
}

pack() {
  local root=$1 name=$2
  tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$TARGET/$name.tar" .
}

build_busybox() {
  local root="$WORK/busybox" applet
  create_skeleton "$root"
  mkdir -p "$root/bin" "$root/usr/bin"
  cp "$POOL/bin/busybox" "$POOL/usr/bin/tini-static" "$root/bin/"
  for applet in $("$POOL/bin/busybox" --list); do
    [[ $applet == busybox ]] || ln -s /bin/busybox "$root/bin/$applet"
  done
  ln -s /bin/env "$root/usr/bin/env"
  printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/bin/false >"$root/etc/passwd"
  printf '%s\n' nginx:x:101:101:nginx:/var/cache/nginx:/bin/false mysql:x:999:999:MariaDB:/var/lib/mysql:/bin/false \
    node:x:1000:1000:node:/home/node:/bin/sh >>"$root/etc/passwd"
  printf '%s\n' root:x:0: nogroup:x:65534: nginx:x:101: mysql:x:999: node:x:1000: >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  pack "$root" busybox
}

build_nginx() {
  local root="$WORK/nginx"
  copy_program "$root" usr/sbin/nginx
  mkdir -p "$root"/etc/nginx/conf.d "$root"/usr/share/nginx/html "$root"/var/{cache,log}/nginx "$root/usr/lib/nginx/modules" \
    "$root/var/lib/nginx"
  cp "$POOL/etc/nginx/mime.types" "$POOL/etc/nginx/fastcgi_params" "$root/etc/nginx/"
  ln -s /dev/stdout "$root/var/log/nginx/access.log"
  ln -s /dev/stderr "$root/var/log/nginx/error.log"
  pack "$root" nginx
}

build_node() {
  local root="$WORK/node"
  mkdir -p "$POOL/usr/local/bin"
  cp "$NODE" "$POOL/usr/local/bin/node"
  copy_program "$root" usr/local/bin/node
  pack "$root" node
}

build_dnsmasq() {
  local root="$WORK/dnsmasq"
  copy_program "$root" usr/sbin/dnsmasq
  pack "$root" dnsmasq
}

build_mariadb() {
  local root="$WORK/mariadb" program
  for program in usr/sbin/mariadbd usr/bin/mariadb usr/bin/mariadb-admin usr/bin/mariadb-dump; do copy_program "$root" "$program"; done
  mkdir -p "$root"/usr/share/mysql "$root"/etc/mysql/conf.d "$root/usr/lib/mysql/plugin" "$root/var/lib/mysql" "$root/run/mysqld"
  cp -r "$POOL"/usr/share/mysql/{charsets,english} "$POOL"/usr/share/mysql/mysql_*.sql "$root/usr/share/mysql/"
  pack "$root" mariadb
}

# Port 443 of the reverse proxy must speak TLS; nobody verifies this certificate.
build_certificate() {
  local root="$WORK/certificate"
  mkdir -p "$root/stand-in/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=proxy.test \
    -keyout "$root/stand-in/tls/proxy.key" -out "$root/stand-in/tls/proxy.crt" >>"$WORK/log" 2>&1
  pack "$root" certificate
}

rm -rf "$TARGET"
mkdir -p "$TARGET"
download_packages || { apt-get update >>"$WORK/log" 2>&1 && download_packages; } || fail "the packages could not be downloaded: ${PACKAGES[*]}"
INTERPRETER=$(cd "$POOL" && echo lib64/ld-linux*.so.* lib/ld-linux-*.so.* | tr ' ' '\n' | grep -v '\*' | head -1)
readonly INTERPRETER=/$INTERPRETER
build_busybox
build_nginx
build_node
build_dnsmasq
build_mariadb
build_certificate
for tar in "$TARGET"/*.tar; do sha256sum <"$tar" | cut -d' ' -f1 >"$tar.sha256"; done
mv "$TARGET" "$FINAL"
