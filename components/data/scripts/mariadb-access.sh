# Makes schemas, tables, logins and rights at a MariaDB server: an empty one, an old one, or one where this stopped half
# way. Runs in the mariadb image. It never deletes a schema, a table, a row or a login.
#   DATABASE_HOST, DATABASE_PORT, DATABASE_USER   the server, and the administrator there
#   FILES_DIRECTORY         schemas.sql     CREATE DATABASE IF NOT EXISTS …
#                           migrations      one line each, in order: schema, version, file
#                           seeds.sql       rows that depend on the settings; run every time
#                           grants.sql      a query whose rows are the GRANT and REVOKE statements that are missing
#   CREDENTIALS_DIRECTORY   administrator   password of DATABASE_USER
#                           logins.sql      CREATE USER IF NOT EXISTS …
#                           ca.crt          authority of the server's certificate; empty: it is not looked at
#   AWAITED_TABLES          tables, `schema.table`, that have to be there before the grants; absent: none
#   WAIT_SECONDS            when to give up waiting
# Ends with 0; 1 where another try may help; 2 where what is there does not fit; 3 where the server refuses the login.
set -eu

deadline=$(($(date +%s) + ${WAIT_SECONDS:-300}))
MYSQL_PWD=$(cat "$CREDENTIALS_DIRECTORY/administrator")
export MYSQL_PWD # the client's way to take a password that nobody sees in the list of processes
if [ -s "$CREDENTIALS_DIRECTORY/ca.crt" ]; then
  encryption="--ssl-ca=$CREDENTIALS_DIRECTORY/ca.crt --ssl-verify-server-cert"
else
  encryption="--disable-ssl-verify-server-cert"
fi

# Runs the SQL of its input, in the schema that its argument names.
client() {
  # shellcheck disable=SC2086 # two arguments
  mariadb --no-defaults --host="$DATABASE_HOST" --port="$DATABASE_PORT" --user="$DATABASE_USER" --protocol=tcp \
    $encryption --connect-timeout=5 --default-character-set=utf8mb4 --batch --raw --skip-column-names \
    --init-command="SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'" "$@"
}

refuse() {
  echo "$2" >&2
  exit "$1"
}

# Says once what is waited for; ends with an error when it takes too long.
last=""
wait_for() {
  if [ "$1" != "$last" ]; then
    echo "Waiting for MariaDB: $1"
    last=$1
  fi
  [ "$(date +%s)" -lt "$deadline" ] || refuse 1 "Gave up waiting. Last answer: $1"
  sleep 1
}

until answer=$(echo "SELECT 'there';" | client 2>&1); do
  case $answer in
    *"ERROR 1045"* | *"ERROR 1130"* | *"ERROR 1698"*)
      refuse 3 "The server refuses the login of $DATABASE_USER: $answer"
      ;;
  esac
  wait_for "$answer"
done

client <"$FILES_DIRECTORY/schemas.sql"

applied=0
while read -r schema version file; do
  checksum=$(sha256sum <"$FILES_DIRECTORY/$file" | cut -c 1-64)
  known=$(
    client "$schema" <<SQL
CREATE TABLE IF NOT EXISTS platform_migration (
  version varchar(64) NOT NULL PRIMARY KEY,
  checksum char(64) NOT NULL,
  applied timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
SELECT checksum FROM platform_migration WHERE version = '$version';
SQL
  )
  if [ -z "$known" ]; then
    # Noted down only after the last statement: the client stops at the first that fails.
    {
      cat "$FILES_DIRECTORY/$file"
      echo "INSERT INTO platform_migration (version, checksum) VALUES ('$version', '$checksum');"
    } | client "$schema"
    applied=$((applied + 1))
  elif [ "$known" != "$checksum" ]; then
    refuse 2 "The migration $version of the schema $schema was changed after it was applied. Put it back as it was and add a new one."
  fi
done <"$FILES_DIRECTORY/migrations"

if ! answer=$(client <"$FILES_DIRECTORY/seeds.sql" 2>&1); then
  case $answer in
    *"ERROR 1644"*) refuse 2 "${answer#*: }" ;; # raised by the SQL itself
    *) refuse 1 "$answer" ;;
  esac
fi

if ! answer=$(client <"$CREDENTIALS_DIRECTORY/logins.sql" 2>&1); then
  case $answer in
    *"ERROR 1524"*) refuse 2 "The server lacks the plugin ed25519; as administrator there: INSTALL SONAME 'auth_ed25519'" ;;
    *) refuse 1 "The logins cannot be made: ${answer%%: *}" ;; # the rest would show a part of the statement
  esac
fi

for table in ${AWAITED_TABLES:-}; do
  while [ -z "$(echo "SELECT 1 FROM information_schema.TABLES WHERE BINARY CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) = '$table';" | client)" ]; do
    wait_for "the table $table does not exist yet"
  done
done

statements=$(client <"$FILES_DIRECTORY/grants.sql")
echo "$statements" | client
echo "$applied migrations and $(echo "$statements" | grep -c .) changes of rights were due; all is as planned."
