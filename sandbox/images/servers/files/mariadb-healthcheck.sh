#!/bin/sh
# Ends with 0 when all that the arguments ask for is so. The name and the arguments are those of the official image.
#   --connect              the server takes connections over TCP
#   --innodb_initialized   the tables can be used
set -eu

ask() {
  mariadb --defaults-file=/var/lib/mysql/.my-healthcheck.cnf --host=127.0.0.1 --protocol=tcp --connect-timeout=3 \
    --batch --skip-column-names --execute="$1"
}

for check in "$@"; do
  case $check in
    --connect) ask "SELECT 1" >/dev/null ;;
    --innodb_initialized)
      [ "$(ask "SELECT support FROM information_schema.ENGINES WHERE engine = 'InnoDB'")" = DEFAULT ]
      ;;
    *) echo "Unknown check: $check" >&2 && exit 2 ;;
  esac
done
