#!/bin/sh
# Starts MariaDB as the official image `mariadb` does, as far as this platform relies on it. Runs as the account `mysql`
# of the image; only the volume, /run/mysqld and /tmp have to be writable.
#   arguments               the server and more options for it: mariadbd --max-connections=50; another program just runs
#   MARIADB_ROOT_PASSWORD   password of root on a new volume; or MARIADB_ROOT_PASSWORD_FILE
#   MARIADB_ROOT_HOST       from where root may log in; absent: from everywhere
#   MARIADB_AUTO_UPGRADE    set: system tables of an older version are brought up to date, and the user of the check is
#                           made on a volume that has none
# MARIADB_INITDB_SKIP_TZINFO needs no attention: time zones are never loaded.
set -eu

case ${1:-} in
  -*) set -- mariadbd "$@" ;;
esac
[ "${1:-}" = mariadbd ] || exec "$@"

data=/var/lib/mysql
check_file=$data/.my-healthcheck.cnf
version_file=$data/mysql_upgrade_info
version=$(mariadbd --version | sed 's/.* Ver \([^ ]*-MariaDB\).*/\1/')

# Text between the quotes of an SQL string.
quoted() {
  printf '%s' "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g"
}

# SQL that makes the user of healthcheck.sh, whose password is new each time and stays in the volume.
check_user() {
  check_password=$(od --address-radix=none --read-bytes=24 --format=x1 /dev/urandom | tr -d ' \n')
  for host in 127.0.0.1 ::1 localhost; do
    echo "CREATE USER IF NOT EXISTS healthcheck@'$host';"
    echo "ALTER USER healthcheck@'$host' IDENTIFIED BY '$check_password';"
    echo "GRANT USAGE ON *.* TO healthcheck@'$host';"
  done
  (umask 0077 && printf '[client]\nuser = healthcheck\npassword = %s\n' "$check_password" >"$check_file")
}

make_database() {
  if [ -n "${MARIADB_ROOT_PASSWORD_FILE:-}" ]; then
    MARIADB_ROOT_PASSWORD=$(cat "$MARIADB_ROOT_PASSWORD_FILE")
  fi
  if [ -z "${MARIADB_ROOT_PASSWORD:-}" ]; then
    echo "The volume is empty. Set MARIADB_ROOT_PASSWORD, the password of root." >&2
    exit 1
  fi
  password=$(quoted "$MARIADB_ROOT_PASSWORD")
  host=$(quoted "${MARIADB_ROOT_HOST:-%}")
  if [ ! -e "$data/.incomplete" ] && [ -n "$(find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found)" ]; then
    echo "The volume holds files, but no database of MariaDB: nothing is deleted. Empty it, or mount another one." >&2
    exit 1
  fi
  # A pod that is killed on the way starts over: the mark goes when everything is there.
  find "$data" -mindepth 1 ! -path "$data/lost+found*" -delete
  touch "$data/.incomplete"
  # A name that the next start knows, too: nothing of a start that was killed may stay.
  statements=/tmp/initial-users.sql
  rm -f "$statements"
  umask 0077
  # `printf`, since `echo` may take a backslash in the password for its own.
  {
    printf '%s\n' "FLUSH PRIVILEGES;" # before it users cannot be changed here
    printf '%s\n' "DELETE FROM mysql.global_priv WHERE user = '' OR user = 'root' AND host <> 'localhost';"
    printf '%s\n' "DELETE FROM mysql.proxies_priv WHERE user = 'root' AND host <> 'localhost';"
    printf '%s\n' "FLUSH PRIVILEGES;"
    printf '%s\n' "ALTER USER root@localhost IDENTIFIED BY '$password';"
    if [ "$host" != localhost ]; then
      printf '%s\n' "CREATE USER root@'$host' IDENTIFIED BY '$password';"
      printf '%s\n' "GRANT ALL PRIVILEGES ON *.* TO root@'$host' WITH GRANT OPTION;"
    fi
    check_user
  } >"$statements"
  # Without the option files: what they run at a start needs the tables that are only being made.
  mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal --skip-test-db \
    --skip-name-resolve --skip-log-bin --extra-file="$statements"
  rm "$statements"
  umask 0022
  printf '%s' "$version" >"$version_file"
  rm "$data/.incomplete"
}

# A server that nobody can reach from outside, and that knows no users, so that their tables may be anything.
upgrade_database() {
  socket=/run/mysqld/upgrade.sock
  mariadbd --skip-networking --skip-grant-tables --socket="$socket" --skip-log-bin &
  server=$!
  until mariadb-admin --no-defaults --socket="$socket" --silent ping 2>/dev/null; do
    kill -0 "$server" || exit 1
    sleep 1
  done
  mariadb-upgrade --no-defaults --socket="$socket" --upgrade-system-tables
  { echo "FLUSH PRIVILEGES;" && check_user; } | mariadb --no-defaults --socket="$socket" mysql
  printf '%s' "$version" >"$version_file"
  kill "$server"
  wait "$server"
}

if [ ! -d "$data/mysql" ] || [ -e "$data/.incomplete" ]; then
  make_database
elif [ -n "${MARIADB_AUTO_UPGRADE:-}" ] &&
  { [ ! -e "$check_file" ] || [ "$(tr -d '\0\n' 2>/dev/null <"$version_file" || true)" != "$version" ]; }; then
  upgrade_database
fi
exec "$@"
