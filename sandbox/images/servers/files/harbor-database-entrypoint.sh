#!/bin/sh
# Starts PostgreSQL as Harbor's image `harbor-db` does: the files lie in a directory of PGDATA for the major version, and
# a new volume gets the database `registry`.
#   PGDATA, POSTGRES_PASSWORD, POSTGRES_INITDB_ARGS   as in the image `postgres`
#   POSTGRES_MAX_CONNECTIONS                          connections of all clients together; absent: 1024
set -eu

mkdir -p "$PGDATA"
export PGDATA="$PGDATA/pg15"
export POSTGRES_DB=registry
exec docker-entrypoint.sh postgres -c "max_connections=${POSTGRES_MAX_CONNECTIONS:-1024}"
