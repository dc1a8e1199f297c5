#!/usr/bin/env bash
# Hook beforeRollout: dumps the database before the first instance is replaced; a dump that fails or is empty stops the rollout.
#   DATABASE_URL  what to dump
#   DUMPS         where to: oss://BUCKET/PREFIX, or a directory
set -euo pipefail

: "${DATABASE_URL:?the database to dump}" "${DUMPS:?where dumps go}"
name=notes-$BAKE_ENVIRONMENT-before-$BAKE_RELEASE-$BAKE_RUN.archive.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The address has the password: in a file, not among the arguments, which everybody on the machine can read.
(umask 077 && printf 'uri: "%s"\n' "$DATABASE_URL" >"$work/config")
mongodump --config "$work/config" --archive="$work/dump" --gzip
gzip --test "$work/dump"
if [ -z "$(gzip -dc "$work/dump" | head -c 1)" ]; then
  echo "the dump is empty" >&2
  exit 1
fi

case $DUMPS in
oss://*) ossutil cp "$work/dump" "${DUMPS%/}/$name" ;;
*) install -D -m 0600 "$work/dump" "$DUMPS/$name" ;;
esac
echo "$(wc -c <"$work/dump") bytes in ${DUMPS%/}/$name"
