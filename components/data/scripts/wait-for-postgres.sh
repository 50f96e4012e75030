# Waits until PostgreSQL takes logins, and until a table exists where one is named. Runs in the postgres image.
#   PGHOST, PGUSER, PGPASSWORD, PGDATABASE, …   where, and as whom; libpq's own variables
#   REQUIRED_TABLE   table to wait for, with its schema; absent: the server only
#   WAIT_SECONDS     when to give up with an error; the pod's restart then starts over
set -eu

wait_seconds=${WAIT_SECONDS:-300}
deadline=$(($(date +%s) + wait_seconds))
if [ -n "${REQUIRED_TABLE:-}" ]; then
  question="SELECT to_regclass('$REQUIRED_TABLE') IS NOT NULL"
  what="the table $REQUIRED_TABLE"
else
  question="SELECT true"
  what="a login"
fi

ask() {
  PGCONNECT_TIMEOUT=5 psql --no-psqlrc --no-password --quiet --tuples-only --no-align --command="$question" 2>&1
}

last=""
while :; do
  # pg_isready asks without a login, so a server that is still starting leaves no failed logins in its log.
  if pg_isready --quiet --timeout=5; then
    answer=$(ask) || true
  else
    answer="the server does not answer"
  fi
  if [ "$answer" = t ]; then
    echo "PostgreSQL is there, with $what."
    exit 0
  fi
  [ "$answer" != f ] || answer="$what does not exist yet"
  if [ "$answer" != "$last" ]; then
    echo "Waiting for PostgreSQL: $answer"
    last=$answer
  fi
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "Gave up after $wait_seconds s. Last answer: $answer" >&2
    exit 1
  fi
  sleep 1
done
