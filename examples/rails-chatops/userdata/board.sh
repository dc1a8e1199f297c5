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

# Passwords are fetched by the instance's own role, and are in no launch template.
parameter() {
  aws ssm get-parameter --region '${region}' --name "$1" --with-decryption --query Parameter.Value --output text
}
secrets='${vars.secrets}'
umask 077
if [ -n "$secrets" ]; then
  database=$(parameter "$secrets/database-url")
  secret=$(parameter "$secrets/secret-key-base")
else
  database=sqlite3:/var/lib/board/board.sqlite3
  secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
fi
install -d -m 0755 /etc/board
cat >/etc/board/environment <<ENVIRONMENT
DATABASE_URL=$database
SECRET_KEY_BASE=$secret
BOARD_BIND=tcp://$listen:8080
BOARD_RELEASE=${release}
ENVIRONMENT

# bake's test of a new image runs this as well, and must not touch the database of others; its own checks follow.
if [ "${BAKE_CHECK:-}" = 1 ]; then exit 0; fi
# PostgreSQL's schema is brought up to date once for all, before the rollout (scripts/migrate.sh). A file is this instance's own.
if [ -z "$secrets" ]; then
  cd /opt/board/app
  runuser -u board -- env RAILS_ENV=production DATABASE_URL="$database" SECRET_KEY_BASE=migration ruby bin/rails db:migrate
fi
systemctl restart board.service
echo "board of ${environment}, release ${release}, has started"
