# Writes a trust store that has the JVM's own public authorities and those of the platform.
# Runs in the application's own image, so that the store is one that its JVM can read.
# AUTHORITIES: directory with files *.crt, each one or more certificates in PEM. TRUSTSTORE: file to write.
set -eu
java=$(readlink -f "$(command -v java)")
home=$(dirname "$(dirname "$java")")
store=
for each in "$home/lib/security/cacerts" "$home/jre/lib/security/cacerts"; do
  if [ -s "$each" ]; then store=$each; fi
done
if [ -z "$store" ]; then
  echo "There is no trust store of the JVM below $home." >&2
  exit 3
fi
work=$(dirname "$TRUSTSTORE")
rm -f "$work/new"
# A store of this type can be read without a password, so that none has to be given to the application.
keytool -importkeystore -noprompt -srckeystore "$store" -srcstorepass changeit \
  -destkeystore "$work/new" -deststoretype JKS -deststorepass changeit 2> "$work/messages" || {
  cat "$work/messages" >&2
  exit 4
}
for bundle in "$AUTHORITIES"/*.crt; do
  # keytool takes the first certificate of a file only.
  rm -f "$work"/part-*
  awk -v prefix="$work/part-" '/-----BEGIN CERTIFICATE-----/ { part++ } part { print > (prefix part) }' "$bundle"
  for part in "$work"/part-*; do
    keytool -importcert -noprompt -keystore "$work/new" -storepass changeit \
      -alias "platform-$(basename "$bundle" .crt)-${part##*-}" -file "$part"
  done
done
rm -f "$work"/part-* "$work/messages"
mv "$work/new" "$TRUSTSTORE"
