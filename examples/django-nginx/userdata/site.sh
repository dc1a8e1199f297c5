#!/usr/bin/env bash
# Runs once at first boot. Runtime configuration comes from here and is never baked into the image.
# bake fills in ${project}, ${release}, ${environment}, ${region} and ${vars.…} when it writes the launch template.
# shellcheck disable=SC2154,SC2016
set -euo pipefail

# On the local cloud instances share the machine's network: each listens on its own address.
listen=0.0.0.0
if [ -n "${AWS_EC2_METADATA_SERVICE_ENDPOINT:-}" ]; then
  listen=${AWS_EC2_METADATA_SERVICE_ENDPOINT#*://}
  listen=${listen%%[:/]*}
fi
echo "listen $listen:8080;" >/etc/nginx/listen.conf

# Passwords are fetched by the instance's own role, and are in no launch template.
parameter() {
  aliyun oos GetSecretParameter --RegionId '${region}' --Name "$1" --WithDecryption true |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["Parameter"]["Value"])'
}
db_host='${vars.dbHost}'
umask 077
if [ -n "$db_host" ]; then
  password=$(parameter '${vars.secrets}/db-password')
  secret=$(parameter '${vars.secrets}/secret-key')
else
  password='' secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
fi
install -d -m 0755 /etc/guestbook
cat >/etc/guestbook/environment <<ENVIRONMENT
SECRET_KEY=$secret
ALLOWED_HOSTS=${vars.allowedHosts}
STATIC_ROOT=/opt/guestbook/static
DB_HOST=$db_host
DB_PASSWORD=$password
DB_FILE=/var/lib/guestbook/db.sqlite3
ENVIRONMENT

# bake's test of a new image runs this as well, and must not touch the database of others.
if [ "${BAKE_CHECK:-}" = 1 ] && [ -n "$db_host" ]; then exit 0; fi
# With PostgreSQL the schema is brought up to date once for all, before the rollout (scripts/migrate.sh). A file is this instance's own.
if [ -z "$db_host" ]; then
  runuser -u guestbook -- env SECRET_KEY=migration DB_FILE=/var/lib/guestbook/db.sqlite3 PYTHONDONTWRITEBYTECODE=1 \
    /opt/guestbook/venv/bin/python /opt/guestbook/site/manage.py migrate --verbosity 0
fi
systemctl restart guestbook.service nginx.service
echo "guestbook of ${environment}, release ${release}, has started"
