#!/bin/sh
# Starts PostgreSQL as the official image `postgres` does, as far as this platform relies on it. Runs as the pod's user,
# which has to be the account `postgres` of the image; only the volume and /var/run/postgresql have to be writable.
#   arguments              the program and its settings: postgres -c max_connections=100; another program just runs
#   PGDATA                 the directory of the database, made when there is none
#   POSTGRES_PASSWORD      password of the first administrator on a new volume; or POSTGRES_PASSWORD_FILE
#   POSTGRES_USER          the first administrator; absent: postgres
#   POSTGRES_DB            database to make on a new volume; absent: named like the administrator
#   POSTGRES_INITDB_ARGS   more arguments of initdb
set -eu

case ${1:-} in
  -*) set -- postgres "$@" ;;
esac
[ "${1:-}" = postgres ] || exec "$@"

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

# Makes the files beside their place and moves them when they are complete: a pod that is killed on the way starts over.
make_database() {
  draft=$PGDATA.incomplete
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  fi
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo "The volume is empty. Set POSTGRES_PASSWORD, the password of $user." >&2
    exit 1
  fi
  rm -rf "$draft"
  mkdir -p "$draft"
  chmod 0700 "$draft"
  # shellcheck disable=SC2086 # several arguments
  printf '%s\n' "$POSTGRES_PASSWORD" |
    initdb --pgdata="$draft" --username="$user" --pwfile=/dev/stdin ${POSTGRES_INITDB_ARGS:-}
  echo "listen_addresses = '*'" >>"$draft/postgresql.conf"
  echo "host all all all scram-sha-256" >>"$draft/pg_hba.conf"
  if [ "$database" != postgres ]; then
    # The single-user mode needs no server that somebody could reach; a name in double quotes may hold any character.
    printf 'CREATE DATABASE "%s"\n' "$(printf '%s' "$database" | sed 's/"/""/g')" |
      postgres --single -D "$draft" -c log_checkpoints=off postgres >/dev/null
  fi
  mv -T "$draft" "$PGDATA"
}

[ -s "$PGDATA/PG_VERSION" ] || make_database
# Kubernetes may have given the volume's group rights that PostgreSQL refuses.
chmod 0700 "$PGDATA"
exec "$@"
