#!/bin/sh
# The checks of the official image's script that its documentation recommends: --connect and --innodb_initialized.
set -eu

query() { mariadb --defaults-file=/var/lib/mysql/.my-healthcheck.cnf -h localhost --skip-ssl --skip-column-names -s -e "$1"; }

for check in "$@"; do
  case "$check" in
    --connect) query 'SELECT 1' >/dev/null ;;
    --innodb_initialized)
      [ "$(query "SELECT 1 FROM information_schema.ENGINES WHERE engine='innodb' AND support IN ('YES','DEFAULT','ENABLED')")" = 1 ]
      ;;
    *)
      echo "healthcheck.sh: unknown check $check" >&2
      exit 1
      ;;
  esac
done
