#!/bin/sh
# The first-start behaviour of the official MariaDB image, as far as its documented variables go: system tables, root's
# password, one database and one user with all rights on it, and the account that healthcheck.sh uses.
set -eu

DATA=/var/lib/mysql

if [ "${1#-}" != "$1" ]; then set -- mariadbd "$@"; fi

quote() { printf "'%s'" "$(printf %s "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g")"; }

print_setup() {
  local share=/usr/share/mysql health_password="$1"
  printf '%s\n' 'CREATE DATABASE mysql;' 'USE mysql;' # the bootstrap parser takes one statement per line
  cat "$share/mysql_system_tables.sql" "$share/mysql_performance_tables.sql" "$share/mysql_system_tables_data.sql"
  # The tables come with accounts that have no password.
  printf '%s\n' "DELETE FROM global_priv WHERE User IN ('root', '');" 'DELETE FROM proxies_priv;' 'FLUSH PRIVILEGES;'
  echo "CREATE OR REPLACE USER root@localhost IDENTIFIED BY $(quote "$MARIADB_ROOT_PASSWORD");"
  echo 'GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;'
  echo "CREATE OR REPLACE USER root@'${MARIADB_ROOT_HOST:-%}' IDENTIFIED BY $(quote "$MARIADB_ROOT_PASSWORD");"
  echo "GRANT ALL ON *.* TO root@'${MARIADB_ROOT_HOST:-%}' WITH GRANT OPTION;"
  for host in 127.0.0.1 ::1 localhost; do
    echo "CREATE OR REPLACE USER healthcheck@'$host' IDENTIFIED BY '$health_password';"
  done
  if [ -n "${MARIADB_DATABASE:-}" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"; fi
  if [ -n "${MARIADB_USER:-}" ]; then
    echo "CREATE OR REPLACE USER $(quote "$MARIADB_USER")@'%' IDENTIFIED BY $(quote "${MARIADB_PASSWORD:-}");"
    if [ -n "${MARIADB_DATABASE:-}" ]; then
      # In a GRANT the underscore of a database's name is a wildcard.
      echo "GRANT ALL ON \`$(printf %s "$MARIADB_DATABASE" | sed 's/_/\\_/g')\`.* TO $(quote "$MARIADB_USER")@'%';"
    fi
  fi
}

if [ "$1" = mariadbd ]; then
  mkdir -p /run/mysqld
  chown mysql:mysql /run/mysqld
  if [ ! -d "$DATA/mysql" ]; then
    if [ -z "${MARIADB_ROOT_PASSWORD:-}" ]; then
      echo 'error: the database is not initialised and MARIADB_ROOT_PASSWORD is not set' >&2
      exit 1
    fi
    echo 'initialising the database' >&2
    chown mysql:mysql "$DATA"
    health_password=$(head -c 16 /dev/urandom | hexdump -e '16/1 "%02x"')
    print_setup "$health_password" | mariadbd --user=mysql --bootstrap --silent-startup --skip-log-error >&2
    printf '[mariadb-client]\nport=3306\nuser=healthcheck\npassword=%s\nprotocol=tcp\n' "$health_password" >"$DATA/.my-healthcheck.cnf"
    chown mysql:mysql "$DATA/.my-healthcheck.cnf"
    chmod 600 "$DATA/.my-healthcheck.cnf"
  fi
  shift
  exec mariadbd --user=mysql "$@"
fi
exec "$@"
